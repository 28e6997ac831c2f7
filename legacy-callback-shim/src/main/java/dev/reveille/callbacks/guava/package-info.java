/**
 * Guava's {@code ListenableFuture} as a pollable and back. Needs {@code guava}, 32 or later, which
 * this library leaves to the one who uses it.
 */
@NullMarked
package dev.reveille.callbacks.guava;

import org.jspecify.annotations.NullMarked;
