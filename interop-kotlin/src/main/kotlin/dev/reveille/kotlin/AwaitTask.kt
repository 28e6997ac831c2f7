package dev.reveille.kotlin

import dev.reveille.Complete
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.Task
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * Polls for a coroutine that waits, and resumes it within the poll that was ready.
 *
 * Most awaits on the loop begin with an [attempt]: the first poll, before the coroutine suspends. If that is ready, the
 * task has ended and can be used for the next attempt; else the coroutine suspends and the task goes on for it, from
 * [suspended] on. Where no attempt is possible, [suspended] comes before the task is posted.
 *
 * It ends with the wait: by the value, by a failure, or because the coroutine was cancelled, which may happen in any
 * thread and asks the loop to end this task. If the loop is closed first, the coroutine is cancelled.
 *
 * All fields belong to the loop, except that those who start a task elsewhere set [beginning], [continuation] and
 * [taking] before it is posted.
 */
internal class AwaitTask<T>(private val coroutines: LoopCoroutines, name: String) :
    Task(name),
    (Throwable?) -> Unit {
    /** Who waits; null in an attempt. */
    private var continuation: CancellableContinuation<T>? = null

    /** What it waits for; null in an attempt. */
    private var taking: Taking<T>? = null

    /** What an attempt polls. */
    private var tried: Pollable<T>? = null

    /** What came of the attempt: the one or the other. */
    private var found: Poll<T>? = null
    private var failure: Throwable? = null

    /** The call that starts this is still on the stack: the coroutine has not suspended yet. */
    var beginning = false

    var hasBegun = false
        private set

    var hasEnded = false
        private set

    /** The pollable has ended, by a value or a failure. */
    private var settled = false

    // ------------------------------------------------------------------ attempts

    /**
     * The first poll, within this call. Returns null if that was not possible, or if it is pending; in the latter case
     * [hasBegun] is true, and [suspended] has to follow.
     */
    fun attempt(pollable: Pollable<T>): Poll<T>? {
        tried = pollable
        hasBegun = false
        hasEnded = false
        settled = false
        beginning = true
        try {
            if (!coroutines.dispatcher.tryDispatch(coroutines, this)) {
                return null
            }
            failure?.let { throw it }
            return found
        } finally {
            beginning = false
            tried = null
            found = null
            failure = null
        }
    }

    /** The coroutine waits, from now on. */
    fun suspended(waiting: CancellableContinuation<T>, what: Taking<T>) {
        continuation = waiting
        taking = what
        if (hasEnded) { // in the attempt, by somebody who ended it from outside
            end()
        }
    }

    // ------------------------------------------------------------------ the task

    override fun init() {
        hasBegun = true
        coroutines.begun(this)
    }

    override fun doPoll(cx: Context): Poll<Complete> {
        val waiting = continuation
        if (waiting?.isActive == false) {
            return Poll.ready()
        }
        if (!cx.tryProceed()) {
            return Poll.pending()
        }
        val poll =
            try {
                val pollable = checkNotNull(tried ?: taking?.pollable)
                // Within the call that starts this, the coroutine's segment is in place.
                if (beginning || waiting == null) cx.pollChild(pollable) else cx.pollChildIn(waiting.context, pollable)
            } catch (failure: Throwable) { // not swallowed: it is the coroutine's
                settled = true
                if (waiting == null) this.failure = failure else fail(waiting, failure)
                return Poll.ready()
            }
        if (poll.isPending) {
            return Poll.pending()
        }
        settled = true
        if (waiting == null) found = poll else deliver(waiting, poll.value())
        return Poll.ready()
    }

    private fun deliver(waiting: CancellableContinuation<T>, value: T) {
        val interceptor = interceptorHere(waiting)
        if (interceptor == null) {
            // In the middle of the start this resumes nothing: the starting call returns the value.
            waiting.resume(value) { _, lost, _ -> taking?.undelivered(lost) }
            return
        }
        coroutines.countResumption()
        if (!interceptor.resumeHere(waiting, value)) {
            try {
                taking?.undelivered(value)
            } finally {
                interceptor.cancelHere(waiting)
            }
        }
    }

    private fun fail(waiting: CancellableContinuation<T>, failure: Throwable) {
        val interceptor = interceptorHere(waiting)
        if (interceptor == null) {
            waiting.resumeWithException(failure)
        } else {
            coroutines.countResumption()
            interceptor.failHere(waiting, failure)
        }
    }

    /** The dispatcher of the coroutine, if that may go on here and now. */
    private fun interceptorHere(waiting: CancellableContinuation<T>): ReveilleDispatcher? {
        val interceptor = waiting.context[ContinuationInterceptor] as? ReveilleDispatcher
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

    /** The loop is closed and hands this back. What can not be cancelled must not keep others from being told. */
    fun neverBegun() {
        val waiting = continuation ?: return
        try {
            end()
        } catch (failure: Throwable) {
            reportUncaught(waiting.context, failure)
        }
    }

    private fun end() {
        val waiting = continuation ?: return
        try {
            if (!settled) {
                taking?.giveUp()
            }
        } finally {
            if (waiting.isActive) {
                val loop = coroutines.dispatcher.name()
                waiting.cancel(CancellationException("'${name()}' was waiting when dispatcher '$loop' was closed"))
            }
        }
    }

    /** The coroutine was cancelled. Any thread. */
    override fun invoke(cause: Throwable?): Unit = cancel()

    companion object {
        /** What a task is called that polls for a coroutine in [context]. */
        fun nameIn(context: CoroutineContext): String = context[CoroutineName]?.name ?: "coroutine"
    }
}
