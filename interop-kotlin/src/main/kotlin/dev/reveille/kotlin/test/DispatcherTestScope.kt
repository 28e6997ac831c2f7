package dev.reveille.kotlin.test

import dev.reveille.Dispatcher
import dev.reveille.MockTime
import kotlinx.coroutines.CoroutineScope
import kotlin.time.Duration
import kotlin.time.TimeSource

/**
 * The body of a [runDispatcherTest]: a coroutine on the dispatcher under test, that moves its clock.
 *
 * ```
 * runDispatcherTest {
 *     var beats = 0
 *     backgroundScope.launch {
 *         while (true) {
 *             delay(10_000)
 *             beats++
 *         }
 *     }
 *     advance(59.seconds)
 *     assertThat(beats).isEqualTo(5)
 *     assertThat(currentTime).isEqualTo(59_000)
 * }
 * ```
 *
 * As a scope it is that of the body: coroutines that are launched in it are on the dispatcher, and the test waits for them.
 *
 * **Threading.** The suspending functions may be called in any coroutine while the test runs. Their work is done by the
 * thread of the test, outside all turns of the loop, one call after the other.
 */
public sealed interface DispatcherTestScope : CoroutineScope {
    /** What the test is about. The test drives it: it has no `run` functions here. Closed with the test. */
    public val dispatcher: Dispatcher

    /**
     * The clock of [dispatcher]. In the body it is moved by [advance]: its own
     * [advance][MockTime.advance] refuses that, on the loop.
     */
    public val time: MockTime

    /**
     * For what goes on beside the test: cancelled when the body and its children have ended. Coroutines in it fail one by
     * one, and a failed `launch` fails the test.
     */
    public val backgroundScope: CoroutineScope

    /** The virtual time in milliseconds, rounded down. Any thread. */
    public val currentTime: Long

    /** The virtual time, to measure with, in nanoseconds. Any thread. */
    public val testTimeSource: TimeSource.WithComparableMarks

    /**
     * Moves time forward, from deadline to deadline, and lets everything run that is ready at each, *also at the last
     * moment*: as [MockTime.advance] does. Returns when nothing is ready any more.
     *
     * ```
     * val reply = async { withTimeoutOrNull(1_000) { silence.receive() } }
     * advance(999.milliseconds)
     * assertThat(reply.isCompleted).isFalse()
     * advance(1.milliseconds)
     * assertThat(reply.isCompleted).isTrue()
     * ```
     *
     * **Coming from `runTest`:** `advanceTimeBy` of kotlinx-coroutines-test stops before what is due at the last moment, and
     * is followed by `runCurrent()` where that matters. This is both in one, and so has another name.
     *
     * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
     * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
     * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
     * resume successfully. Time goes on to the end of [duration] all the same, if it has begun to move.
     *
     * @param duration how far; zero runs what is ready now. Infinite is as far as the clock goes: some 292 years.
     * @throws IllegalArgumentException if [duration] is negative.
     * @throws IllegalStateException if the dispatcher does not come to rest within ten million steps: the message has its
     *   dump.
     */
    public suspend fun advance(duration: Duration)

    /**
     * Lets everything run that is ready now, until nothing is. Time stands still.
     *
     * ```
     * val job = launch { repeat(10) { yield() } }
     * runCurrent()
     * assertThat(job.isCompleted).isTrue()
     * ```
     *
     * This suspending function is cancellable, and throws, as [advance] does.
     */
    public suspend fun runCurrent()

    /**
     * Runs a block in which the test waits for other threads: that nothing on the loop is ready is no failure then, and
     * with `autoAdvance` time does not move by itself.
     *
     * ```
     * val answer = withTimeout(1_000) { // of virtual time
     *     holdTime { legacy.call() } // takes real time, on a thread of its own
     * }
     * ```
     *
     * A coroutine of the test that is on another dispatcher, as in `withContext(Dispatchers.IO)`, holds time by itself, and
     * so does a task in [Dispatcher.offload]. A [MockTime.hold] is not seen by the test.
     *
     * This suspending function is cancellable, as far as [block] is.
     *
     * @param block waits for another thread.
     * @return what [block] returned.
     */
    public suspend fun <T> holdTime(block: suspend () -> T): T
}
