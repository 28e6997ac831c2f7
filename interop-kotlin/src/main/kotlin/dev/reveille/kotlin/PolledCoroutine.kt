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
import kotlinx.coroutines.async
import kotlinx.coroutines.ensureActive
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * One coroutine whose main flow runs in polls: the engine of [coroutineTask] and [pollable]. On the loop only.
 *
 * It is a `Deferred` of kotlinx.coroutines, started without a dispatch in the first poll, so that structure, debug probes
 * and stack traces are those of any coroutine; what is particular is its [TaskDispatcher].
 */
internal class PolledCoroutine<T>(
    private val name: String,
    private val context: CoroutineContext,
    private val block: suspend CoroutineScope.() -> T,
    private val isPolledByTheLoop: Boolean = false,
) {
    private var flow: TaskDispatcher? = null
    private var coroutine: Deferred<T>? = null
    private var isGivenUp = false

    fun poll(cx: Context): Poll<T> {
        val flow =
            this.flow ?: TaskDispatcher(LoopCoroutines.of(cx.dispatcher()), name, isPolledByTheLoop).also {
                context.ensureActive()
                this.flow = it
            }
        flow.beginPoll(cx)
        val running =
            try {
                coroutine?.also { flow.advance() } ?: start(flow)
            } finally {
                flow.endPoll()
            }
        return if (!flow.isYielding && running.isCompleted) outcome(flow, running) else Poll.pending()
    }

    private fun start(flow: TaskDispatcher): Deferred<T> {
        flow.coroutines.countResumption()
        val started =
            Roots.async(
                context.minusKey(ContinuationInterceptor) + CoroutineName(name) + flow,
                CoroutineStart.UNDISPATCHED,
            ) {
                flow.root()
                block()
            }
        coroutine = started
        if (!started.isCompleted) {
            started.invokeOnCompletion { flow.completed() }
        }
        if (isGivenUp) {
            giveUp()
        }
        return started
    }

    private fun outcome(flow: TaskDispatcher, completed: Deferred<T>): Poll<T> {
        flow.abandon()
        completed.getCompletionExceptionOrNull()?.let { throw it }
        return Poll.ready(completed.getCompleted())
    }

    /** Nobody will poll this again. Does nothing once the outcome is known. */
    fun giveUp() {
        isGivenUp = true
        val flow = flow ?: return
        val running = coroutine ?: return // the call came from within the first poll; start() will see to it
        flow.silence()
        running.cancel(CancellationException("coroutine '$name' was given up by the one who polled it"))
        flow.abandon()
    }

    /** A scope without a job: who polls a coroutine is its parent, unless the context names another one. */
    private object Roots : CoroutineScope {
        override val coroutineContext: CoroutineContext get() = EmptyCoroutineContext
    }
}
