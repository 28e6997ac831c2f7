package dev.reveille.kotlin

import dev.reveille.TimedPost
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.isActive
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume

/**
 * What is armed for a `delay` or a `withTimeout`.
 *
 * [dispose] may be called by any thread, more than once, and while the timer fires; the [TimedPost] decides who comes
 * first, and lets go of this block when it is taken back.
 */
internal abstract class TimedBlock(private val coroutines: LoopCoroutines, private val deadline: Long) :
    Runnable,
    DisposableHandle {
    /** Set by the arming thread before anybody can dispose. */
    @Volatile
    private var timed: TimedPost? = null

    /**
     * The timer that takes over when the loop is closed. A dispose that comes too early to see it costs nothing but
     * that timer: what it does then finds its coroutine resumed, and leaves it alone.
     */
    @Volatile
    private var substitute: Job? = null

    fun arm() {
        try {
            armOrThrow()
        } catch (rejected: RejectedExecutionException) {
            refused(rejected)
        }
    }

    protected fun armOrThrow() {
        timed = coroutines.dispatcher.postAt(deadline, coroutines, this)
    }

    /** The loop does not run this, or will not: cancels the job, and if that does not end the wait, waits elsewhere. */
    open fun refused(rejected: RejectedExecutionException) {
        LoopCoroutines.cancelRejected(context, rejected)
        if (isWanted) {
            val now = coroutines.dispatcher.ticker().read()
            val rest = if (deadline == Long.MAX_VALUE) deadline else (deadline - now).coerceAtLeast(0)
            substitute = LoopCoroutines.afterwards(rest) { runElsewhere() }
        }
    }

    override fun dispose() {
        timed?.cancel()
        substitute?.cancel(null) // without the null it links with coroutines 1.11 only
    }

    protected abstract val context: CoroutineContext

    protected abstract val isWanted: Boolean

    protected abstract fun runElsewhere()
}

/** The end of a `delay`. Also the handler that is told when the delay is cancelled. */
internal class DelayBlock(
    coroutines: LoopCoroutines,
    deadline: Long,
    private val interceptor: ReveilleDispatcher,
    private val continuation: CancellableContinuation<Unit>,
) : TimedBlock(coroutines, deadline),
    (Throwable?) -> Unit {
    override val context: CoroutineContext get() = continuation.context

    override val isWanted: Boolean get() = continuation.isActive

    override fun run(): Unit = interceptor.resumeDelayed(continuation)

    override fun runElsewhere(): Unit = continuation.resume(Unit)

    override fun invoke(cause: Throwable?): Unit = dispose()
}

/** The end of a `withTimeout`, or of a `select`'s `onTimeout`. */
internal class TimeoutBlock(
    coroutines: LoopCoroutines,
    deadline: Long,
    override val context: CoroutineContext,
    private val block: Runnable,
) : TimedBlock(coroutines, deadline) {
    override val isWanted: Boolean get() = context.isActive

    override fun run(): Unit = block.run()

    override fun runElsewhere(): Unit = block.run()
}
