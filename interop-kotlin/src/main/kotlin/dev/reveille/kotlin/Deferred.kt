@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.Pollable
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.ExperimentalCoroutinesApi

/**
 * Waits for the value of this deferred, in polls. Each call gives a new one-shot operation.
 *
 * **When ready:** when the deferred has completed, also long before; with its value. **When pending:** until then. **Who
 * wakes it:** the thread in which the deferred ends. **What it throws:** what the deferred failed with, as it is, or the
 * [CancellationException][kotlinx.coroutines.CancellationException] of a cancelled one. **What `cancel` does:** it stops
 * waiting, takes the handler off the deferred, and leaves the deferred alone, as the cancellation of an
 * [await][Deferred.await] does.
 *
 * The first poll starts a deferred that was made with [LAZY][kotlinx.coroutines.CoroutineStart.LAZY], as `await()` does.
 *
 * ```
 * val price: Deferred<Int> = scope.async { askForThePrice() }
 * val order = dispatcher.spawn("order", Select.of(price.asPollable(), oldPrice))
 * ```
 *
 * May be called by any thread, and polled on any dispatcher. **Memory effects.** What the coroutine did happens-before a
 * poll that is ready.
 *
 * @return a new operation.
 */
public fun <T> Deferred<T>.asPollable(): Pollable<T> = endOf(this)

internal fun <T> endOf(deferred: Deferred<T>): EndOfJob<T> = EndOfJob(deferred) { deferred.getCompleted() }
