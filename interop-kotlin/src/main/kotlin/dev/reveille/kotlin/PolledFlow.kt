package dev.reveille.kotlin

import dev.reveille.Dispatcher
import dev.reveille.Pollable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlin.coroutines.ContinuationInterceptor

/**
 * A flow of what a source gives when it is polled again and again; null is the end. One poll at a time, and none before
 * the collector has returned from the element before: there is no buffer.
 *
 * Not made by the builder `flow { }`: its `emit` looks first whether the coroutine is cancelled, and an element that was
 * polled would be lost by that. What the builder checks holds by construction, since all is emitted in the coroutine that
 * collects; whether that is cancelled is asked before each poll.
 *
 * @param of what the user made a flow of, for messages.
 * @param on who polls; null if the collector's own loop does.
 * @param open makes the source of one collection. Its `cancel` releases it, in the end in any case, and on the loop.
 */
internal class PolledFlow<T : Any>(
    private val of: Any,
    private val on: Dispatcher?,
    onUndelivered: ((T) -> Unit)?,
    private val open: () -> Pollable<T?>,
) : Flow<T> {
    private val undelivered = onUndelivered?.let { handler -> { lost: T? -> if (lost != null) handler(lost) } }

    override suspend fun collect(collector: FlowCollector<T>) {
        val loop = on ?: loopHere(of)
        val source = open()
        try {
            while (true) {
                collector.emit(source.consumeOn("asFlow", on, undelivered) ?: break)
            }
        } catch (failure: Throwable) { // thrown on: by the source, by the collector, or a cancellation
            release(source, loop, failure)
            throw failure
        }
        release(source, loop, null)
    }

    override fun toString(): String = "flow of $of"
}

/** [consume], on the coroutine's own loop if none is named; [call] is what the user has called, for messages. */
internal suspend fun <T> Pollable<T>.consumeOn(call: String, on: Dispatcher?, onUndelivered: ((T) -> Unit)?): T =
    if (on == null) awaitHere(call, this, true, onUndelivered) else consume(on, onUndelivered)

/** The loop that the calling coroutine is on. */
private suspend fun loopHere(of: Any): Dispatcher {
    val context = currentCoroutineContext()
    val interceptor = context[ContinuationInterceptor]
    if (interceptor is ReveilleDispatcher && interceptor.dispatcher.onLoop()) {
        return interceptor.dispatcher
    }
    context.ensureActive() // the loop may be closed, and this a `finally` on some other thread
    throw IllegalStateException(
        "asFlow() of $of is polled on the loop of the collecting coroutine's dispatcher; it was collected in a " +
            "coroutine on $interceptor, by thread '${Thread.currentThread().name}'; use asFlow(on = dispatcher)",
    )
}

private fun release(source: Pollable<*>, loop: Dispatcher, failure: Throwable?) {
    if (!loop.onLoop()) {
        LoopCoroutines.of(loop).giveUpLater(source)
        return
    }
    try {
        source.cancel()
    } catch (second: Throwable) {
        if (failure == null || failure is CancellationException) { // else it would not be heard of
            throw second
        }
        failure.addSuppressed(second)
    }
}
