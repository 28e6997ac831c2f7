@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin.test

import dev.reveille.Dispatcher
import dev.reveille.DispatcherOptions
import dev.reveille.MockTime
import dev.reveille.RunOutcome
import dev.reveille.TaskSnapshot.State
import dev.reveille.diagnostics.Diagnostics
import dev.reveille.kotlin.ReveilleDispatcher
import dev.reveille.kotlin.asCoroutineDispatcher
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.ThreadContextElement
import kotlinx.coroutines.async
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlin.time.AbstractLongTimeSource
import kotlin.time.Duration
import kotlin.time.DurationUnit
import kotlin.time.TimeSource
import kotlin.time.toJavaDuration

/** What a task waits for that has called another thread: `Dispatcher.offload`. */
private const val OFFLOADED = "an offloaded call"

/** Moves of time for the `finally` of what is cancelled: who needs more does not end. */
private const val LAST_MOVES = 100_000

/** How long the rest of a body may take whose dispatcher was closed. It runs on Dispatchers.IO. */
private const val PATIENCE_SECONDS = 5L

/**
 * One run of [runDispatcherTest].
 *
 * The thread of the test is either in a run of the dispatcher, on its loop, or here, outside, where it may move time. The
 * body runs on the loop; what it wants to be done outside it leaves in [moves] and suspends. A run ends when the loop is
 * about to sleep, or has slept for a moment because another thread may come. It does not sleep if
 *
 *  - what is waited for has completed, or the time-out has come;
 *  - a move is wanted: it is made, and the run goes on;
 *  - only time could help: it is moved if this test moves it by itself, and else the test is stuck.
 *
 * So time moves only when nothing is ready. All fields without a word on it belong to the thread of the test.
 */
internal class DispatcherTest(
    private val timeout: Duration,
    private val autoAdvance: Boolean,
    configure: (DispatcherOptions) -> DispatcherOptions,
) {
    /** In the order of their coming. Guarded by itself: the handlers may be called by any thread. */
    private val failures = mutableListOf<Throwable>()

    private val moves = ConcurrentLinkedQueue<Move>()

    private val loop = DrivenDispatcher(check(configure(options())))
    private val time = loop.ticker() as MockTime

    private val root =
        CoroutineScope(
            loop.asCoroutineDispatcher() + SupervisorJob() + Outside() +
                CoroutineExceptionHandler { _, failure -> failed(failure) },
        )
    private val rootJob = root.coroutineContext[Job]!!
    private val background = SupervisorJob(rootJob)

    /** Blocks in [DispatcherTestScope.holdTime], and segments of coroutines that other threads run at this moment. */
    private val outside = AtomicInteger()

    /** Volatile: written by the watchdog when the time is over, before it stops the run. */
    @Volatile
    private var timeOut: AssertionError? = null

    /** What the present runs are for. */
    private var target: Job = rootJob

    /** All that matters is over; time may move by itself, and nothing is worth a failure. */
    private var isWinding = false

    /** What [maySleep] has seen and said last. */
    private var earliest = Long.MAX_VALUE
    private var verdict = Verdict.GO_ON

    private var lastMoves = LAST_MOVES

    /** The thread was interrupted when the body was over. */
    private var isInterrupted = false

    private enum class Verdict {
        /** There is something to do. */
        GO_ON,

        /** Only time can help. */
        TIME,

        /** Nothing can help, or nothing that is worth waiting for. */
        NOTHING,
    }

    private class Move(val duration: java.time.Duration, val continuation: CancellableContinuation<Unit>)

    private fun options(): DispatcherOptions = DispatcherOptions
        .defaults()
        .withName("test")
        .withTicker(MockTime())
        .withUncaughtHandler { _, _, failure -> failed(failure) }

    private fun check(options: DispatcherOptions): DispatcherOptions {
        require(options.ticker() is MockTime) {
            "the test moves time, and '${options.name()}' has a clock that is no MockTime: ${options.ticker()}"
        }
        return options
    }

    private fun failed(failure: Throwable) {
        synchronized(failures) {
            if (failures.none { it === failure }) {
                failures += failure
            }
        }
    }

    // ------------------------------------------------------------------ the course of a test

    fun run(testBody: suspend DispatcherTestScope.() -> Unit) {
        val thread = Thread.currentThread()
        val handler = thread.uncaughtExceptionHandler
        val body = root.async { Scope(this).testBody() }
        val watchdog = Watchdog(timeout, loop.name()) { timedOut(it, body) }
        // Where the failures of coroutines go that have no handler of their own, if they fail on the loop.
        thread.setUncaughtExceptionHandler { _, failure -> failed(failure) }
        watchdog.start()
        loop.maySleep = ::maySleep
        try {
            carryOut(body)
        } finally {
            try {
                loop.close()
            } finally {
                if (isInterrupted) {
                    Thread.currentThread().interrupt() // before the end: the watchdog takes back what is its own
                }
                watchdog.end()
                thread.uncaughtExceptionHandler = handler
            }
        }
        val all = synchronized(failures) { failures.toList() }
        val first = all.firstOrNull() ?: return
        all.drop(1).filter { it !in first.suppressed && it !== first.cause }.forEach { first.addSuppressed(it) }
        throw first
    }

    private fun carryOut(body: Deferred<Unit>) {
        body.invokeOnCompletion { loop.nudge() }
        try {
            drive(body)
            val failure = body.getCompletionExceptionOrNull()
            val late = timeOut
            if (late != null) {
                failed(late)
            }
            if (failure != null && (late == null || failure !is CancellationException)) {
                failed(failure)
            }
        } catch (stuck: Throwable) { // not swallowed: it is thrown in the end
            timeOut?.let(::failed) // first: the interrupt of the watchdog follows from it
            failed(stuck)
        }
        isWinding = true
        rootJob.cancel(CancellationException("the test is over"))
        try {
            drive(rootJob)
        } catch (restless: Throwable) { // not swallowed, either
            failed(restless)
        }
        if (background.children.any { !it.isCompleted }) {
            failed(AssertionError("the test is over and its backgroundScope was cancelled, but does not end" + dump()))
        }
    }

    private fun timedOut(place: Throwable, body: Job) {
        val failure = AssertionError("the test has taken longer than $timeout of real time" + dump())
        failure.addSuppressed(place)
        timeOut = failure
        body.cancel(CancellationException("the test has taken longer than $timeout"))
        loop.stop()
        loop.nudge()
    }

    // ------------------------------------------------------------------ outside the loop

    /** Runs until a job is completed. Throws if that does not come; at the end of the test, only returns. */
    private fun drive(job: Job) {
        target = job
        while (!job.isCompleted) {
            if (loop.isClosed) {
                return awaitElsewhere(job)
            }
            val interrupted = Thread.interrupted() // restored by the run
            if (isWinding) {
                isInterrupted = isInterrupted || interrupted
            } else {
                timeOut?.let { throw it }
                if (interrupted) {
                    throw InterruptedException("the thread of the test was interrupted")
                }
            }
            val move = moves.poll()
            if (move != null) {
                make(move)
            } else if (!run() || !moveOn()) {
                return
            }
        }
    }

    /** Runs what is ready, and sleeps as long as that may help. Returns false if it should not be tried again. */
    private fun run(): Boolean {
        verdict = Verdict.GO_ON
        if (loop.runUntilStalled() == RunOutcome.STEP_LIMIT) {
            if (!isWinding) {
                throw AssertionError("the loop does not come to rest; run last: ${loop.stepLimitCulprit()}" + dump())
            }
            return false
        }
        loop.run()
        return true
    }

    /** What follows from a run. Returns false if there is nothing more to be done. */
    private fun moveOn(): Boolean {
        if (verdict != Verdict.TIME) {
            return verdict == Verdict.GO_ON
        }
        loop.runUntilStalled()
        if (loop.lastRunSteps() > 0) {
            return true // it came while we looked whether it would
        }
        if (!isWinding && !autoAdvance) {
            throw AssertionError(STUCK + dump())
        }
        if (isWinding && lastMoves-- == 0) {
            return false
        }
        time.advance(java.time.Duration.ofNanos((earliest - time.read()).coerceAtLeast(0)))
        return true
    }

    private fun make(move: Move) {
        if (!move.continuation.isActive) {
            return
        }
        try {
            time.advance(move.duration)
        } catch (failure: Throwable) { // not swallowed: it is the caller's
            move.continuation.resumeWithException(failure)
            return
        }
        move.continuation.resume(Unit)
    }

    /** The dispatcher was closed by the test: what is still to come, comes on Dispatchers.IO. */
    private fun awaitElsewhere(job: Job) {
        val completed = CountDownLatch(1)
        job.invokeOnCompletion { completed.countDown() }
        job.cancel(CancellationException("the dispatcher of the test was closed"))
        // A time-out ends the wait, by the interrupt of the watchdog if not by the cancellation of the body.
        if (timeOut == null && !completed.await(PATIENCE_SECONDS, SECONDS) && !isWinding) {
            throw AssertionError("the dispatcher was closed, and the body of the test does not end" + dump())
        }
    }

    // ------------------------------------------------------------------ on the loop

    private fun maySleep(earliest: Long): Boolean {
        this.earliest = earliest
        val isTimed = earliest != Long.MAX_VALUE
        val isLate = timeOut != null
        verdict =
            when {
                target.isCompleted || moves.isNotEmpty() || (isLate && !isWinding) -> Verdict.GO_ON
                !isLate && waitsForOthers() -> return true
                isTimed -> Verdict.TIME
                isWinding -> Verdict.NOTHING
                else -> return true
            }
        return false
    }

    /**
     * Whether there is a sign of somebody outside who is going to wake the loop. Signs are looked for in the order in which
     * they follow each other. A coroutine on another dispatcher is in the tree of jobs from its beginning until it completes;
     * that is in a segment, which is counted until it has been run; and by then what it resumes is in the inbox. A task that
     * is queued, although nothing is, is on its way there.
     */
    private fun waitsForOthers(): Boolean = isElsewhere(rootJob) || outside.get() > 0 ||
        loop.snapshot().tasks().any { it.state() == State.QUEUED || it.waitReason() == OFFLOADED }

    /** Whether a coroutine below this job is on another dispatcher, where time goes by as it likes. */
    private fun isElsewhere(job: Job): Boolean = job.children.any { child ->
        val interceptor = (child as? CoroutineScope)?.coroutineContext?.get(ContinuationInterceptor)
        val isOurs = interceptor is ReveilleDispatcher && interceptor.dispatcher === loop
        val isSomewhere = interceptor != null && interceptor !== Dispatchers.Unconfined
        (child.isActive && isSomewhere && !isOurs) || isElsewhere(child)
    }

    private fun backInside() {
        if (outside.decrementAndGet() == 0) {
            loop.nudge()
        }
    }

    /** Is told when a segment of a coroutine of this test begins and ends in a thread. */
    private inner class Outside : ThreadContextElement<Boolean> {
        override val key: CoroutineContext.Key<*> get() = OutsideKey

        override fun updateThreadContext(context: CoroutineContext): Boolean {
            val isOutside = !loop.onLoop()
            if (isOutside) {
                outside.incrementAndGet()
            }
            return isOutside
        }

        override fun restoreThreadContext(context: CoroutineContext, oldState: Boolean) {
            if (oldState) {
                backInside()
            }
        }
    }

    private object OutsideKey : CoroutineContext.Key<Outside>

    // ------------------------------------------------------------------ what is said

    private fun dump(): String = buildString {
        appendLine()
        append("at ").append(time).append(": ").append(Diagnostics.dump(loop).trimEnd())
        rootJob.children.forEach { describe(it, 1) }
    }

    private fun StringBuilder.describe(job: Job, depth: Int) {
        if (job !== background) {
            appendLine()
            append("  ".repeat(depth)).append(job)
        }
        job.children.forEach { describe(it, depth + 1) }
    }

    // ------------------------------------------------------------------ for the body

    private inner class Scope(scope: CoroutineScope) :
        DispatcherTestScope,
        CoroutineScope by scope {
        override val dispatcher: Dispatcher get() = loop

        override val time: MockTime get() = this@DispatcherTest.time

        override val backgroundScope: CoroutineScope = CoroutineScope(root.coroutineContext + background)

        override val currentTime: Long get() = time.read() / NANOS_PER_MILLI

        override val testTimeSource: TimeSource.WithComparableMarks =
            object : AbstractLongTimeSource(DurationUnit.NANOSECONDS) {
                override fun read(): Long = time.read()
            }

        override suspend fun advance(duration: Duration) {
            require(!duration.isNegative()) { "time does not go back: $duration" }
            val move = duration.toJavaDuration()
            suspendCancellableCoroutine { continuation ->
                moves += Move(move, continuation)
                loop.nudge()
            }
        }

        override suspend fun runCurrent(): Unit = advance(Duration.ZERO)

        override suspend fun <T> holdTime(block: suspend () -> T): T {
            outside.incrementAndGet()
            try {
                return block()
            } finally {
                backInside()
            }
        }
    }

    private companion object {
        const val NANOS_PER_MILLI = 1_000_000L

        const val STUCK =
            "the test is stuck: nothing on the loop is ready, and what waits for time waits for ever, since nobody " +
                "moves it. Call advance(), or use runDispatcherTest(autoAdvance = true); if another thread is to go " +
                "on, wait for it in holdTime { }"
    }
}
