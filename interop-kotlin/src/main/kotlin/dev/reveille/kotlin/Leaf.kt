package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Timer
import kotlinx.coroutines.CancellableContinuation

/**
 * What the main flow of a coroutine task waits for, where the task itself polls it. On the loop only.
 *
 * Nobody is told when the continuation is cancelled. It need not be: the cancelled flow is dispatched, that wakes the
 * task, and the poll looks at [isActive] first.
 */
internal abstract class Leaf(protected val interceptor: TaskDispatcher) {
    protected abstract val continuation: CancellableContinuation<*>

    val isActive: Boolean get() = continuation.isActive

    /** One poll: what to resume the flow with, or null if it is pending. */
    abstract fun poll(cx: Context): (() -> Unit)?

    /** The flow has been cancelled. */
    abstract fun giveUp()

    /** Nobody polls any more, but the flow still waits. */
    abstract fun moveOn()
}

internal class AwaitLeaf<T>(
    interceptor: TaskDispatcher,
    override val continuation: CancellableContinuation<T>,
    private val taking: Taking<T>,
) : Leaf(interceptor) {
    override fun poll(cx: Context): (() -> Unit)? {
        val poll =
            try {
                cx.pollChildIn(continuation.context, taking.pollable)
            } catch (failure: Throwable) { // not swallowed: it is the flow's
                return { interceptor.failHere(continuation, failure) }
            }
        return if (poll.isReady) ({ deliver(poll.value()) }) else null
    }

    private fun deliver(value: T) {
        if (!interceptor.resumeHere(continuation, value)) { // cancelled by another thread, since it was polled
            reporting { taking.undelivered(value) }
            interceptor.cancelHere(continuation)
        }
    }

    override fun giveUp(): Unit = reporting { taking.giveUp() }

    override fun moveOn(): Unit = interceptor.coroutines.await(continuation, taking)

    /** It is not the task that fails by it, nor the flow, which has segments that are yet to be run in this poll. */
    private inline fun reporting(action: () -> Unit) {
        try {
            action()
        } catch (failure: Throwable) {
            reportUncaught(continuation.context, failure)
        }
    }
}

/** A `delay`. A poll timer wakes the task straight from the timer queue, so equal turns keep the order of deadlines. */
internal class DelayLeaf(
    interceptor: TaskDispatcher,
    override val continuation: CancellableContinuation<Unit>,
    private val deadline: Long,
) : Leaf(interceptor) {
    private val timer = Timer(interceptor.dispatcher).apply { resetAt(deadline) }

    override fun poll(cx: Context): (() -> Unit)? {
        if (timer.poll(cx).isReady) {
            return {
                if (!interceptor.resumeHere(continuation, Unit)) {
                    interceptor.cancelHere(continuation)
                }
            }
        }
        cx.waker("delay")
        return null
    }

    override fun giveUp(): Unit = timer.cancel()

    override fun moveOn() {
        timer.cancel()
        interceptor.resumeByBlock(deadline, continuation)
    }
}
