package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Dispatcher
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.sync.PollStream
import kotlinx.coroutines.flow.Flow
import java.util.concurrent.atomic.AtomicBoolean

/**
 * The elements of this stream as a flow, for one collection, which becomes the owner of the stream.
 *
 * **Demand.** One: an element is polled when the collector has returned from the one before, and nothing is polled before
 * the collection begins. There is no buffer and no prefetch; `buffer()`, `conflate()` and `flowOn()` add what they say.
 * Where the stream has no element yet, the coroutine waits for it as in [consume]: on the loop, and in the main flow of a
 * coroutine task ([coroutineTask], [pollable]) in the task's own poll. An element that is there costs no suspension, and
 * each costs a unit of the budget of the turn, so that a stream that never ends lets others run.
 *
 * **The end.** The collection completes at the end of the stream, and fails with its failure, as it is. A collector that
 * throws, `first()`, `take(n)` and the like, and the cancellation of the coroutine cancel the stream, on the loop: when
 * the collection returns, it has been cancelled. If the failure of that can not be attached to another one, it is thrown.
 *
 * ```
 * val head = ticks.asFlow()
 *     .map { tick -> tick * 2 }
 *     .take(3)
 *     .toList() // and the stream is cancelled
 * ```
 *
 * **With `on`**, the flow may be collected in a coroutine of any dispatcher: `asFlow(on = dispatcher)`. Each element is
 * polled there by a task of its own and comes back through the collector's dispatcher, which is a hop each way; to read
 * ahead instead, at the price of a buffer, use `asFlow().flowOn(dispatcher.asCoroutineDispatcher())`. The stream is
 * cancelled on the loop, and therefore perhaps a little after the collection has returned. A collector on the loop of
 * `on` has none of that.
 *
 * Collection is cancellable: there is a **prompt cancellation guarantee** as in [consume]. A stream that is never
 * collected stays with its owner, who has to cancel it.
 *
 * @param on the dispatcher that polls the stream and owns it; null for the one of the collecting coroutine.
 * @param onUndelivered gets the element that was polled and could not be given to the collector, because the coroutine was
 *   cancelled at that moment by another thread, or on its way to another dispatcher; called at most once, by the loop or
 *   by the thread that cancelled. It must not block or throw. Without it the element is dropped: pass it where an element
 *   is a resource.
 * @return a flow that can be collected once: the second collection fails with [IllegalStateException]. So does, leaving the
 *   stream as it is, a collection without `on` in a coroutine that is not on the loop of a dispatcher of ours.
 */
public fun <T : Any> PollStream<T>.asFlow(on: Dispatcher? = null, onUndelivered: ((T) -> Unit)? = null): Flow<T> {
    val collected = AtomicBoolean()
    return PolledFlow(this, on, onUndelivered) {
        check(collected.compareAndSet(false, true)) {
            "asFlow() of $this was collected before, and a PollStream passes only once; make a new stream for each " +
                "collection, or share this one with shareIn()"
        }
        StreamSource(this)
    }
}

/** A stream as something that is polled for its next element, again and again. */
private class StreamSource<T : Any>(private val stream: PollStream<T>) : Pollable<T?> {
    override fun poll(cx: Context): Poll<T?> = stream.pollNext(cx)

    override fun cancel(): Unit = stream.cancel()

    override fun toString(): String = stream.toString()
}
