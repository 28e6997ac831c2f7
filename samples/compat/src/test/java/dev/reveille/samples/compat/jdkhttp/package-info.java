/**
 * The HTTP client of the JDK: its stages, its bodies as streams with demand, and its web socket.
 */
@NullMarked
package dev.reveille.samples.compat.jdkhttp;

import org.jspecify.annotations.NullMarked;
