/**
 * Netty: futures whose listeners run on an event loop, handlers that hand over to tasks, and tasks
 * that live on the event loop itself.
 */
@NullMarked
package dev.reveille.samples.compat.netty;

import org.jspecify.annotations.NullMarked;
