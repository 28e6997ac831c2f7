/**
 * Where coroutines meet the loop: coroutines that run on a dispatcher, pollables that are awaited,
 * coroutines that are polled as tasks, and wakers as continuations and back. Thin on purpose: what
 * is scheduled is scheduled by {@code dev.reveille}, and what is structured is structured by
 * kotlinx.coroutines.
 */
@NullMarked
package dev.reveille.kotlin;

import org.jspecify.annotations.NullMarked;
