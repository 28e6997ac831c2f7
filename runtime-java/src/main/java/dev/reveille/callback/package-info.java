/**
 * Where a callback meets the one who waits for it: what the callback shim and the Kotlin interop
 * share.
 */
@NullMarked
package dev.reveille.callback;

import org.jspecify.annotations.NullMarked;
