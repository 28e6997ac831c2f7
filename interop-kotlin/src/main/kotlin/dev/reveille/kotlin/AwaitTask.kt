package dev.reveille.kotlin

import dev.reveille.Complete
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Task
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * Polls for a coroutine that waits, and resumes it within the poll that was ready.
 *
 * It ends with the wait: by the value, by a failure, or because the coroutine was cancelled, which may happen in any
 * thread and asks the loop to end this task. If the loop is closed first, the coroutine is cancelled.
 *
 * All fields belong to the loop, except that [beginning] is set by a thread that is about to find out that it is on it.
 */
internal class AwaitTask<T>(
    private val coroutines: LoopCoroutines,
    private val continuation: CancellableContinuation<T>,
    private val taking: Taking<T>,
) : Task(continuation.context[CoroutineName]?.name ?: "coroutine"),
    (Throwable?) -> Unit {
    /** The call that starts this is still on the stack: the coroutine has not suspended yet. */
    var beginning = false

    var hasBegun = false
        private set

    var hasEnded = false
        private set

    /** The pollable has ended, by a value or a failure. */
    private var settled = false

    override fun init() {
        hasBegun = true
        coroutines.begun(this)
    }

    override fun doPoll(cx: Context): Poll<Complete> {
        if (!continuation.isActive) {
            return Poll.ready()
        }
        if (!cx.tryProceed()) {
            return Poll.pending()
        }
        val poll =
            try {
                // Within the call that starts this, the coroutine's segment is in place.
                if (beginning) cx.pollChild(taking.pollable) else cx.pollChildIn(continuation.context, taking.pollable)
            } catch (failure: Throwable) { // not swallowed: it is the coroutine's
                settled = true
                fail(failure)
                return Poll.ready()
            }
        if (poll.isPending) {
            return Poll.pending()
        }
        settled = true
        deliver(poll.value())
        return Poll.ready()
    }

    private fun deliver(value: T) {
        val interceptor = interceptorHere()
        if (interceptor == null) {
            // In the middle of the start this resumes nothing: the starting call returns the value.
            continuation.resume(value) { _, lost, _ -> taking.undelivered(lost) }
            return
        }
        coroutines.countResumption()
        interceptor.resumeHere(continuation, value)
        if (continuation.isCancelled) { // else it has taken the value
            taking.undelivered(value)
        }
    }

    private fun fail(failure: Throwable) {
        val interceptor = interceptorHere()
        if (interceptor == null) {
            continuation.resumeWithException(failure)
        } else {
            coroutines.countResumption()
            interceptor.failHere(continuation, failure)
        }
    }

    /** The dispatcher of the coroutine, if that may go on here and now. */
    private fun interceptorHere(): ReveilleDispatcher? {
        val interceptor = continuation.context[ContinuationInterceptor] as? ReveilleDispatcher
        // The segments of a TaskDispatcher belong into its own polls, while there are any: it sees to that.
        val isOfThisLoop = interceptor?.coroutines === coroutines && interceptor !is TaskDispatcher
        return if (isOfThisLoop && !beginning) interceptor else null
    }

    override fun cleanup() {
        hasEnded = true
        if (!hasBegun) {
            coroutines.begun(this)
        }
        end()
    }

    /** The loop is closed and hands this back. */
    fun neverBegun(): Unit = end()

    private fun end() {
        try {
            if (!settled) {
                taking.giveUp()
            }
        } finally {
            if (continuation.isActive) {
                val loop = coroutines.dispatcher.name()
                continuation.cancel(CancellationException("'${name()}' was waiting when dispatcher '$loop' was closed"))
            }
        }
    }

    /** The coroutine was cancelled. Any thread. */
    override fun invoke(cause: Throwable?): Unit = cancel()
}
