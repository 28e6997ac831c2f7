package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Dispatcher
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.sync.AbstractPollStream
import dev.reveille.sync.PollStream
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * This flow as a stream: the collector is a coroutine whose main flow runs in the polls of the task that polls the stream,
 * as that of [Dispatcher.pollable][pollable].
 *
 * **Demand.** One: the collection begins in the first poll, and from each element to the poll that asks for the next the
 * collector is suspended in `emit`. There is no buffer but those that the flow has itself (`buffer()`, `flowOn()`,
 * `channelFlow`, a `SharedFlow`), which fill by their own rules.
 *
 * **When ready:** with an element when the flow emits one, at its end when the flow has completed. **When pending:** while
 * the flow is suspended. **Who wakes it:** whoever resumes the flow, from any thread. **What it throws:** the failure of
 * the flow, as it is; [IllegalStateException] if it is polled on another dispatcher than before, or if the flow emits
 * from another coroutine than the collecting one, which flows must not. **What `cancel` does:** it cancels the collection;
 * what that does then in `finally` runs on the loop, in ordinary segments. An element that was emitted has been given to
 * the one who polled, so none is lost by it. A stop that the polling task is told of cancels the collection too, which then
 * is the failure of the stream; an element that is emitted in the same poll wins.
 *
 * ```
 * val squares: PollStream<Int> = flow {
 *     for (i in 1..3) {
 *         delay(100)
 *         emit(i * i)
 *     }
 * }.asPollStream()
 * val all = dispatcher.spawn("squares", squares.toList())
 * ```
 *
 * **Threading.** The flow's code runs on the loop that polls, except for what it moves elsewhere itself. **Memory
 * effects.** As of [Pollable].
 *
 * @param context what the collector's context has beside its dispatcher; a dispatcher in it is replaced. A
 *   [Job][kotlinx.coroutines.Job] in it becomes the parent: its cancellation fails the stream, and a failure of the flow
 *   fails it. The name of the stream is the [CoroutineName] in it.
 * @return a stream that has not begun; a flow can have many.
 */
public fun <T : Any> Flow<T>.asPollStream(context: CoroutineContext = EmptyCoroutineContext): PollStream<T> =
    FlowStream(this, context)

/**
 * The collection of a flow as a stream. On the loop only.
 *
 * An element is emitted within [doPollNext], which takes it in the same call: it never lies about. The collector then
 * awaits [demand], which the next [doPollNext] makes ready before it polls the coroutine. So the flow goes on inside that
 * poll, and nobody is woken for it.
 */
internal class FlowStream<T : Any>(flow: Flow<T>, context: CoroutineContext) :
    AbstractPollStream<T>(context[CoroutineName]?.name ?: "flow"),
    FlowCollector<T> {
    private val collection =
        PolledCoroutine<Unit>(name(), Rootless, context) {
            interceptor = coroutineContext[ContinuationInterceptor]
            flow.collect(this@FlowStream)
        }

    private val demand = Demand()

    private var dispatcher: Dispatcher? = null

    private var interceptor: ContinuationInterceptor? = null

    /** What the running poll is to give. */
    private var emitted: T? = null

    /** An element was asked for, and not emitted yet. */
    private var isWanted = false

    /** The collector has not begun, or is in `emit`: the flow's code does not run, nor wait for anything of its own. */
    val isAtRest: Boolean get() = !isWanted

    override fun doPollNext(cx: Context): Poll<T?> {
        val home = dispatcher ?: cx.dispatcher().also { dispatcher = it }
        check(cx.dispatcher() === home) {
            "stream '${name()}' began on $home and was polled on ${cx.dispatcher()}, by task '${cx.taskName()}'"
        }
        isWanted = true
        val outcome = runCatching { collection.poll(cx) } // of a poll with an element, another one will tell
        val element = emitted
        if (element != null) {
            emitted = null
            return element(element)
        }
        return if (outcome.getOrThrow().isReady) end() else Poll.pending()
    }

    /** By the collecting coroutine, in a poll. */
    override suspend fun emit(value: T) {
        val context = currentCoroutineContext()
        // Given up, and so cancelled: nobody polls. Else a cancellation comes after the element, which may be all there is of
        // it any more.
        if (isFinished || !isWanted) {
            context.ensureActive()
        }
        val here = context[ContinuationInterceptor]
        check(here === interceptor) {
            "the flow of stream '${name()}' emitted in a coroutine on $here while it is collected on $interceptor; " +
                "emit in the collecting coroutine, and use channelFlow or flowOn to move the work"
        }
        emitted = value
        isWanted = false
        demand.await()
    }

    override fun release(): Unit = collection.giveUp()

    private inner class Demand : Pollable<Unit> {
        private val wanted = Poll.ready(Unit)

        override fun poll(cx: Context): Poll<Unit> {
            if (isWanted) {
                return wanted
            }
            cx.waker("to be asked for the next element") // by doPollNext, which polls at once: nobody has to wake
            return Poll.pending()
        }

        override fun toString(): String = "demand of stream '${name()}'"
    }
}
