package dev.reveille.kotlin

import dev.reveille.callback.Emitter
import dev.reveille.callback.Overflow
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlin.coroutines.ContinuationInterceptor

/**
 * A cold flow of what a callback brings: each collection registers a callback of its own, and takes it back when it is
 * over.
 *
 * ```
 * fun Feed.prices(share: String): Flow<Price> =
 *     callbackStream("prices", Overflow.dropOldest(100)) { emitter ->
 *         val listener = Feed.Listener { price -> emitter.next(price) } // comes on threads of the feed
 *         addListener(share, listener)
 *         AutoCloseable { removeListener(share, listener) }
 *     }
 * ```
 *
 * [register] is called when the collection begins, on the loop of the collector. The flow gives the elements in the order
 * in which they came, and ends as the emitter says: by `complete`, by what `fail` was given or [register] has thrown, by
 * [OverflowException][dev.reveille.callback.OverflowException], or by
 * [LostCallbackException][dev.reveille.callback.LostCallbackException] when the legacy side has dropped the emitter. However
 * the collection ends, by itself, by an operator like `first()`, by a failure of the collector or by cancellation, the
 * callback is taken back by then, once, on the loop: the action that [register] returned is called. (If the dispatcher was
 * closed while the collector was busy with an element, it is called where the coroutine's `finally` blocks are executed.)
 *
 * **What `callbackFlow` leaves to its user** and is done here:
 *
 *  - *What happens to an element too many* is to be said: there is no default, and no buffer but that of [overflow]. In a
 *    `callbackFlow` the 65th `trySend` fails, and most callers do not look.
 *  - *The action that takes the callback back* is what [register] has to return; there is no `awaitClose` to be forgotten.
 *  - *No element is leaked* that was given to the emitter and not to the collector: see [onUndelivered].
 *  - *A dropped emitter* ends the flow with a failure; it does not let the collector wait for ever.
 *  - *The callback's thread* only stores and wakes, once for each sleep of the collector, and runs none of its code.
 *
 * The collector must be a coroutine of a [dispatcher][asCoroutineDispatcher], on its loop: else the collection fails with
 * [IllegalStateException]. Elsewhere, put `flowOn(dispatcher.asCoroutineDispatcher())` between, and know that it brings a
 * buffer of its own; `buffer(RENDEZVOUS)` behind it keeps that at one element on the way.
 *
 * Collecting is cancellable with a **prompt cancellation guarantee**: if the job of the collector is cancelled while it
 * waits for an element, it does not resume successfully.
 *
 * @param name what it brings, a constant; dumps, messages and counts go by it.
 * @param overflow what to do when elements come faster than they are collected. That of a
 *   [watermark][Overflow.watermark] means one source: such a flow should be collected once at a time.
 * @param onUndelivered gets each element that was given to [Emitter.next] and is not given to the collector: there was no
 *   room for it, the collection has ended, or was cancelled. It must not block or throw. It runs on the loop, or on the
 *   thread that cancels, closes the dispatcher or, when it is closed, emits. Pass it where an element is a resource.
 * @param register registers the callback and returns what takes it back; must not keep the emitter elsewhere than in the
 *   callback, or its loss is not found out.
 * @return the flow, which may be collected any number of times.
 */
public fun <T : Any> callbackStream(
    name: String,
    overflow: Overflow,
    onUndelivered: ((T) -> Unit)? = null,
    register: (Emitter<T>) -> AutoCloseable,
): Flow<T> = CallbackFlow(name, overflow, onUndelivered, register)

/** Not made by the builder `flow { }`, for the reason that [PolledFlow] has. */
private class CallbackFlow<T : Any>(
    private val name: String,
    private val overflow: Overflow,
    private val onUndelivered: ((T) -> Unit)?,
    private val register: (Emitter<T>) -> AutoCloseable,
) : Flow<T> {
    override suspend fun collect(collector: FlowCollector<T>) {
        val context = currentCoroutineContext()
        context.ensureActive()
        val interceptor = context[ContinuationInterceptor]
        check(interceptor is ReveilleDispatcher && interceptor.dispatcher.onLoop()) {
            "'$name' is to be collected on the loop of a dispatcher, and was by a coroutine on $interceptor; " +
                "put flowOn(dispatcher.asCoroutineDispatcher()) between"
        }
        val stream =
            if (onUndelivered == null) {
                Emitter.stream(name, overflow, register)
            } else {
                Emitter.stream(name, overflow, onUndelivered, register)
            }
        stream.asFlow(onUndelivered = onUndelivered).collect(collector) // which cancels it, however that ends
    }

    override fun toString(): String = "callbackStream '$name'"
}
