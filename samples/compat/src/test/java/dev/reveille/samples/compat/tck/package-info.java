/**
 * The Technology Compatibility Kit of Reactive Streams, run against {@code Publishers} and {@code
 * PollStream.from(publisher, prefetch)}, and against publishers of callback streams.
 */
@NullMarked
package dev.reveille.samples.compat.tck;

import org.jspecify.annotations.NullMarked;
