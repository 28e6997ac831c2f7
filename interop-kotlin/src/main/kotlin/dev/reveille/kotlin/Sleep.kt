package dev.reveille.kotlin

import dev.reveille.Dispatcher
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlin.time.ComparableTimeMark
import kotlin.time.Duration

/**
 * Waits for a time, to the nanosecond, in a coroutine of a [Dispatcher].
 *
 * The same as [delay][kotlinx.coroutines.delay] there, a timer of the loop on the dispatcher's clock, but without its
 * milliseconds: `delay` rounds up to the next one, this waits for just the [duration] that is asked for. Never early;
 * ordered with all other timers of the dispatcher, equal deadlines in the order of their arming. In the main flow of a
 * coroutine task the timer wakes the task, and the flow goes on in its poll. A sleeping coroutine is work of the
 * dispatcher, also one that sleeps for ever.
 *
 * ```
 * while (true) {
 *     sleep(250.microseconds)
 *     link.pulse()
 * }
 * ```
 *
 * Zero and less mean not to wait: the function returns at once, and unlike `delay` fails if the coroutine is cancelled.
 * [Duration.INFINITE], and what is too long for a `Long` of nanoseconds, means to wait until the coroutine is cancelled.
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * before it or while it is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully. When the dispatcher is closed meanwhile, the job is cancelled, as in a `delay`: see
 * [ReveilleDispatcher].
 *
 * @throws IllegalStateException if the coroutine's dispatcher is none of ours: use `dispatcher.sleep(duration)`.
 */
public suspend fun sleep(duration: Duration) {
    val context = currentCoroutineContext()
    val interceptor = context[ContinuationInterceptor]
    check(interceptor is ReveilleDispatcher) {
        "sleep($duration) waits on the clock of the coroutine's dispatcher, and a coroutine on $interceptor has none " +
            "of ours; use dispatcher.sleep($duration), or delay($duration)"
    }
    context.ensureActive()
    if (duration.isPositive()) {
        sleepHere(interceptor, interceptor.dispatcher.deadlineAfter(duration))
    }
}

/**
 * Waits for a time on the clock of this dispatcher, in a coroutine of any dispatcher.
 *
 * In a coroutine of this dispatcher it is the same as [sleep] without it. Elsewhere the timer is one of this dispatcher's
 * loop, counted as its work, and the coroutine is resumed through its own dispatcher.
 *
 * ```
 * withContext(Dispatchers.IO) {
 *     while (!file.exists()) dispatcher.sleep(10.milliseconds) // mock time, in a test
 *     file.readText()
 * }
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * before it or while it is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully. When this dispatcher is closed meanwhile, it resumes with a [CancellationException] too; the job of
 * a coroutine of another dispatcher is not cancelled.
 *
 * @param duration how long, as in [sleep].
 * @throws java.util.concurrent.RejectedExecutionException if the dispatcher does not take the timer: it is closed, or
 *   shutting down; not in a coroutine of its own.
 */
public suspend fun Dispatcher.sleep(duration: Duration) {
    currentCoroutineContext().ensureActive()
    if (duration.isPositive()) {
        sleepOn(this, deadlineAfter(duration))
    }
}

/**
 * Waits until the clock of this dispatcher has reached a mark of its [timeSource], in a coroutine of any dispatcher. All
 * else as [sleep]: a mark in the past means not to wait, one that is infinitely far means for ever.
 *
 * What it is for is a period that does not drift:
 *
 * ```
 * var next = dispatcher.timeSource.markNow()
 * repeat(3) {
 *     next += 20.milliseconds
 *     dispatcher.sleepUntil(next)
 *     draw() // however long that takes
 * }
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * before it or while it is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully.
 *
 * @param deadline a mark of this dispatcher's [timeSource], or made of one.
 * @throws IllegalArgumentException if the mark is of another time source.
 * @throws java.util.concurrent.RejectedExecutionException as [sleep].
 */
public suspend fun Dispatcher.sleepUntil(deadline: ComparableTimeMark) {
    val reading = LoopTimeSource.of(this).readingAt(deadline)
    currentCoroutineContext().ensureActive()
    if (reading > ticker().read()) {
        sleepOn(this, reading)
    }
}

/** Never early: after what the clock says now. */
private fun Dispatcher.deadlineAfter(duration: Duration): Long =
    plusSaturated(ticker().read(), duration.inWholeNanoseconds)

private suspend fun sleepOn(on: Dispatcher, deadline: Long) {
    val interceptor = currentCoroutineContext()[ContinuationInterceptor]
    if (interceptor is ReveilleDispatcher && interceptor.dispatcher === on) {
        sleepHere(interceptor, deadline)
    } else {
        suspendCancellableCoroutine { SleepBlock(LoopCoroutines.of(on), deadline, it).begin() }
    }
}

private suspend fun sleepHere(interceptor: ReveilleDispatcher, deadline: Long): Unit =
    suspendCancellableCoroutine { interceptor.resumeAt(deadline, it) }

/** The end of a sleep of a coroutine of another dispatcher. Also the handler that is told when it is cancelled. */
private class SleepBlock(
    private val coroutines: LoopCoroutines,
    deadline: Long,
    private val continuation: CancellableContinuation<Unit>,
) : TimedBlock(coroutines, deadline),
    (Throwable?) -> Unit {
    override val context: CoroutineContext get() = continuation.context

    override val isWanted: Boolean get() = continuation.isActive

    fun begin() {
        try {
            armOrThrow()
        } catch (rejected: RejectedExecutionException) {
            continuation.resumeWithException(rejected)
            return
        }
        continuation.invokeOnCancellation(this) // after the arming: if it is cancelled by now, this is called at once
    }

    override fun run(): Unit = continuation.resume(Unit)

    /** It is not this coroutine's loop that is closed: its job goes on. */
    override fun refused(rejected: RejectedExecutionException) {
        val loop = coroutines.dispatcher.name()
        continuation.cancel(
            CancellationException("a coroutine was asleep when dispatcher '$loop' was closed", rejected),
        )
    }

    override fun runElsewhere(): Unit = run()

    override fun invoke(cause: Throwable?): Unit = dispose()
}
