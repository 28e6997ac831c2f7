@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Poll
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.ensureActive
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * One coroutine whose main flow runs in polls: the engine of [coroutineTask] and [pollable].
 *
 * It is a `Deferred` of kotlinx.coroutines, made by `async`, so that structure, debug probes and stack traces are those of
 * any coroutine; what is particular is its [TaskDispatcher].
 *
 *  - Mostly the first poll makes it, on whatever dispatcher that is, and starts it in place.
 *  - One of a scope with a dispatcher of ours is [made][make] before, by any thread, and may run before it is polled. Until
 *    the first poll its segments are ordinary ones in the FIFO of the loop, as they are after it was given up; then the
 *    polls take them over.
 *
 * On the loop only, but for [make].
 *
 * @param scope where a coroutine inherits its context from, and its parent.
 * @param isPolledByTheLoop whether the polls are those of the loop itself, and not of a parent.
 */
internal class PolledCoroutine<T>(
    private val name: String,
    private val scope: CoroutineScope,
    private val context: CoroutineContext,
    private val isPolledByTheLoop: Boolean = false,
    private val block: suspend CoroutineScope.() -> T,
) {
    private var flow: TaskDispatcher? = null
    private var coroutine: Deferred<T>? = null
    private var stop: StopWatch? = null
    private var isPolled = false
    private var isLeft = false
    private var isGivenUp = false

    /** Makes the coroutine, to be polled on the dispatcher of [coroutines]. Any thread, before this is published. */
    fun make(coroutines: LoopCoroutines, start: CoroutineStart): Deferred<T> {
        val flow = newFlow(coroutines)
        flow.abandon() // nobody polls yet
        this.flow = flow
        return async(flow, start).also { coroutine = it }
    }

    fun poll(cx: Context): Poll<T> {
        val flow = this.flow ?: newFlow(LoopCoroutines.of(cx.dispatcher())).also { this.flow = it }
        val running = advance(cx, flow)
        if (!flow.isYielding && running.isCompleted) {
            return outcome(flow, running)
        }
        // It may have been given up by itself, in this poll.
        val isCancelledNow = !isGivenUp && checkNotNull(stop).watch(cx, running)
        return if (isCancelledNow && running.isCompleted) outcome(flow, running) else Poll.pending()
    }

    private fun newFlow(coroutines: LoopCoroutines) = TaskDispatcher(coroutines, name, isPolledByTheLoop)

    private fun advance(cx: Context, flow: TaskDispatcher): Deferred<T> {
        if (!isPolled) {
            prepare(cx, flow)
            isPolled = true
        } else if (isLeft) {
            isLeft = false
            flow.adopt()
        }
        flow.beginPoll(cx)
        try {
            val running = coroutine ?: return start(flow)
            flow.advance()
            return running
        } finally {
            flow.endPoll()
        }
    }

    private fun prepare(cx: Context, flow: TaskDispatcher) {
        val stop = StopWatch("coroutine '$name'", flow::completed)
        this.stop = stop
        val made = coroutine
        if (made == null) {
            (context[Job] ?: scope.coroutineContext[Job])?.ensureActive()
            stop.checkBefore(cx)
            return
        }
        stop.cancelBefore(cx, made)
        flow.adopt()
        made.start() // if it is lazy its first segment is there now, and has waked nobody
        watchEnd(flow, made)
    }

    private fun start(flow: TaskDispatcher): Deferred<T> {
        flow.coroutines.countResumption()
        val started = async(flow, CoroutineStart.UNDISPATCHED)
        coroutine = started
        watchEnd(flow, started)
        if (isGivenUp) {
            giveUp()
        }
        return started
    }

    private fun async(flow: TaskDispatcher, start: CoroutineStart): Deferred<T> =
        scope.async(context.minusKey(ContinuationInterceptor) + CoroutineName(name) + flow, start) {
            flow.root()
            block()
        }

    private fun watchEnd(flow: TaskDispatcher, running: Deferred<T>) {
        if (!running.isCompleted) {
            running.invokeOnCompletion { flow.completed() }
        }
    }

    private fun outcome(flow: TaskDispatcher, completed: Deferred<T>): Poll<T> {
        stop?.forget()
        flow.abandon()
        completed.getCompletionExceptionOrNull()?.let { throw it }
        return Poll.ready(completed.getCompleted())
    }

    /** Whether this is what the poll threw because the task was told to stop. */
    fun hasStoppedBy(thrown: Throwable): Boolean = stop?.cause === thrown

    /**
     * Who polled this does so no more, and has not given it up: somebody else may, or nobody. Until then it goes on as
     * before the first poll, since the scope waits for it.
     */
    fun leave() {
        val flow = this.flow
        if (flow != null && isPolled && !isGivenUp) {
            isLeft = true
            stop?.forget()
            flow.abandon()
        }
    }

    /** Nobody will poll this again. Does nothing once the outcome is known. */
    fun giveUp() {
        isGivenUp = true
        val running = coroutine ?: return // not made; or within its first poll: start() will see to it
        val flow = checkNotNull(flow)
        if (isPolled) {
            stop?.forget()
            flow.silence()
        }
        if (!running.isCompleted) { // the exception is what costs, and the cleanup of each task gets here
            running.cancel(givenUp("coroutine '$name'"))
        }
        if (isPolled) { // else it is on the way of an ordinary coroutine, and perhaps on another loop
            flow.abandon()
        }
    }
}

internal fun givenUp(coroutine: String) = CancellationException("$coroutine was given up by the one who polled it")

/** A scope without a job: who polls a coroutine is its parent, unless the context names another one. */
internal object Rootless : CoroutineScope {
    override val coroutineContext: CoroutineContext get() = EmptyCoroutineContext
}
