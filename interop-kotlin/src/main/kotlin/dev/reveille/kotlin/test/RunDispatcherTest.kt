package dev.reveille.kotlin.test

import dev.reveille.DispatcherOptions
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * Runs a test as a coroutine on a dispatcher of ours, on mock time that only the test moves.
 *
 * ```
 * runDispatcherTest {
 *     val log = mutableListOf<String>()
 *     dispatcher.postAfter(java.time.Duration.ofHours(1)) { log += "callback" }
 *     launch {
 *         delay(3_600_000)
 *         log += "coroutine"
 *     }
 *     advance(59.minutes)
 *     assertThat(log).isEmpty()
 *     advance(1.minutes)
 *     assertThat(log).containsExactly("callback", "coroutine")
 * }
 * ```
 *
 * **Who runs it.** The calling thread, all of it: the body, the dispatcher with everything that is on it, and the moves of
 * its clock. It returns when the body and the coroutines launched in it have ended. `backgroundScope` is cancelled then,
 * and the dispatcher closed: tasks that are left are cancelled.
 *
 * **Time does not move by itself.** When nothing on the loop is ready, and something on it waits for a time that nobody
 * moves, the test fails at once, and says what waits. Move time with [advance][DispatcherTestScope.advance], or ask for
 * [autoAdvance]. If nothing waits for time, only another thread can help, and the test waits for it, up to [timeout]; it
 * does so too while a coroutine of the test is on another dispatcher, in `withContext(Dispatchers.IO)` for one, or while
 * [holdTime][DispatcherTestScope.holdTime] says so.
 *
 * **What fails the test:** a failure of the body; a failure that nobody waited for, of a task or callback of the dispatcher,
 * or of a coroutine that is on it or was launched in a scope of the test; a test that is stuck, as above; and the time-out.
 * The first one is thrown, with later ones suppressed in it. What the body left running is then cancelled, and gets its
 * `finally`, for which time does move by itself.
 *
 * **The time-out** is in real time. It is watched by a daemon thread, `reveille-test-watchdog`, that lives as long as the
 * test. It cancels the body; if the thread of the test does not answer within a second, the watchdog logs where it is, and
 * interrupts it. **Pitfall: a busy loop can not be stopped.** One that looks at `isActive` ends then, a blocking call by its
 * interrupt; code that heeds neither runs for ever, and the log is all there will be.
 *
 * Neither kotlinx-coroutines-test nor a main dispatcher is needed. May be called from any thread that may block. An
 * interrupt of the thread ends the test.
 *
 * @param timeout how long the test may take, in real time; `Duration.INFINITE` for no limit, and no watchdog.
 * @param autoAdvance whether time moves to the next deadline by itself when nothing on the loop is ready.
 * @param configure changes the options of the dispatcher. Clock and uncaught handler are set already; what is put in their
 *   place is obeyed, but the clock must be a [MockTime][dev.reveille.MockTime], one that other dispatchers have too for
 *   instance.
 * @param testBody the test.
 * @throws AssertionError if the test was stuck or took too long.
 * @throws IllegalArgumentException if [timeout] is not positive, or if [configure] has set a clock that does not stand
 *   still.
 * @throws InterruptedException if the thread was interrupted.
 * @throws Throwable what the body threw, or a failure that nobody waited for.
 */
public fun runDispatcherTest(
    timeout: Duration = 60.seconds,
    autoAdvance: Boolean = false,
    configure: (DispatcherOptions) -> DispatcherOptions = { it },
    testBody: suspend DispatcherTestScope.() -> Unit,
) {
    require(timeout.isPositive()) { "the time-out of a test must be positive, and is $timeout" }
    DispatcherTest(timeout, autoAdvance, configure).run(testBody)
}
