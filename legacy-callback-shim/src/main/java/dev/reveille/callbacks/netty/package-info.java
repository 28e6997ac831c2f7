/**
 * Netty's event loop as the home of a dispatcher, and Netty's futures as pollables and back. Needs
 * {@code netty-common} and {@code netty-transport}, 4.2 or later, which this library leaves to the
 * one who uses them.
 */
@NullMarked
package dev.reveille.callbacks.netty;

import org.jspecify.annotations.NullMarked;
