@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin.test

import dev.reveille.DispatcherOptions
import dev.reveille.Ticker
import dev.reveille.kotlin.CoroutineHost
import dev.reveille.spi.HostedDispatcher
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestCoroutineScheduler
import kotlinx.coroutines.test.TestDispatcher
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.locks.LockSupport

private const val NANOS_PER_MILLI = 1_000_000L

/** How long the test's thread may sleep while there might be something to do. */
private const val HELD_NANOS = 100_000L

/** What a loop may still run when the test is over: one that never comes to rest is closed all the same. */
private const val LAST_ROUNDS = 1_000

/**
 * A dispatcher of ours that lives inside this test: in the queue of its scheduler, on its virtual time.
 *
 * ```
 * runTest {
 *     val dispatcher = hostDispatcher()
 *     val ours = launch(dispatcher.asCoroutineDispatcher()) { delay(1_000) }
 *     delay(999)
 *     assertThat(ours.isCompleted).isFalse()
 *     delay(1)
 *     ours.join()
 *     assertThat(currentTime).isEqualTo(1_000)
 * }
 * ```
 *
 * **One time.** The dispatcher's [ticker][dev.reveille.Dispatcher.ticker] is the virtual time of the test, and only the
 * test moves it: by waiting, or by `advanceTimeBy` and the like, for which timers of the dispatcher are events like any
 * others. The scheduler counts milliseconds: a timer of ours that is due between two of them fires at the later one, in
 * its order, and never early. Of timers that are due in the same millisecond, those of one dispatcher keep the order of
 * their arming; between ours and the test's own none is promised.
 *
 * **Who runs it:** the thread that runs the test. A wake from another thread reaches the loop as soon as the test's body
 * waits for something.
 *
 * **Pitfall: other threads are not seen by virtual time.** While the body waits for another thread, `runTest` finds nothing
 * to do and moves time on, to the next time-out for one. Wait for other threads in [holdTime].
 *
 * **The end.** When the test is over, what is ready still runs, and then the dispatcher is closed: tasks that are left are
 * cancelled, as what is left in `backgroundScope` is. The test does not wait for them: join what it has to wait for. A
 * failure that nobody waits for fails the test.
 *
 * Needs kotlinx-coroutines-test. To be called in the test, on its thread.
 *
 * @param configure changes the options of the dispatcher; clock and uncaught handler are set already, and the clock must
 *   stay.
 * @return a new, open dispatcher; closing it earlier is fine.
 * @throws IllegalArgumentException if [configure] has set another clock.
 */
public fun TestScope.hostDispatcher(configure: (DispatcherOptions) -> DispatcherOptions = { it }): HostedDispatcher {
    val context = backgroundScope.coroutineContext
    val ticker = Ticker { testScheduler.currentTime * NANOS_PER_MILLI }
    val options =
        configure(
            DispatcherOptions
                .defaults()
                .withName("hosted in a test")
                .withTicker(ticker)
                .withUncaughtHandler { _, _, failure ->
                    checkNotNull(context[CoroutineExceptionHandler]).handleException(context, failure)
                },
        )
    require(options.ticker() === ticker) {
        "'${options.name()}' lives on the time of the test, and can not have ${options.ticker()}"
    }
    val host = TestHost(testScheduler)
    val dispatcher = HostedDispatcher.on(host, options)
    // Not a child of the test, which would wait for it; and its scheduler's own dispatcher, since that of the test may be
    // the unconfined one.
    backgroundScope.launch(host.dispatcher, CoroutineStart.UNDISPATCHED) {
        try {
            awaitCancellation()
        } finally {
            withContext(NonCancellable) {
                host.runWhatIsReady()
                dispatcher.close()
                host.end()
            }
        }
    }
    return dispatcher
}

/**
 * Runs a block in which virtual time stands still, and the test waits for other threads.
 *
 * ```
 * val answer = withTimeout(1_000) { // of virtual time
 *     holdTime { legacy.call() } // takes real time, on a thread of its own
 * }
 * ```
 *
 * What is ready runs, and what other threads resume or wake; nothing that waits for time does. The thread of the test looks
 * for it some thousand times in a second.
 *
 * **Pitfall:** `delay`, `advanceTimeBy`, `advanceUntilIdle` and `runCurrent` of the test wait for ever inside [block].
 *
 * Needs kotlinx-coroutines-test. This suspending function is cancellable, as far as [block] is.
 *
 * @param block waits for another thread.
 * @return what [block] returned.
 */
public suspend fun <T> TestScope.holdTime(block: suspend () -> T): T = coroutineScope {
    // There is always something to be run at this very moment, so the scheduler has no reason to go on to a later one.
    // In the background: a test that is over does not wait for it.
    val context = backgroundScope.coroutineContext.minusKey(Job) + StandardTestDispatcher(testScheduler)
    val holder =
        launch(context) {
            while (true) {
                LockSupport.parkNanos(HELD_NANOS)
                yield()
            }
        }
    try {
        block()
    } finally {
        holder.cancel(null) // cancel() is compiled to a call that 1.9 and 1.10 do not have
    }
}

/**
 * The scheduler of a test. One thread runs it, though it may be another one after some time.
 *
 * @param thread the one that runs it now.
 */
internal class TestHost private constructor(val dispatcher: TestDispatcher, thread: Thread) :
    CoroutineHost(dispatcher) {
    constructor(scheduler: TestCoroutineScheduler, thread: Thread = Thread.currentThread()) :
        this(StandardTestDispatcher(scheduler), thread)

    /** Volatile: compared by threads with themselves. */
    @Volatile
    private var testThread: Thread = thread

    private val drains = AtomicInteger()

    override fun run(drain: Runnable) {
        testThread = Thread.currentThread()
        drains.incrementAndGet()
        super.run(drain)
    }

    override fun inHost(): Boolean = testThread === Thread.currentThread()

    /** In an event of the scheduler. */
    suspend fun runWhatIsReady() {
        testThread = Thread.currentThread()
        var before: Int
        var rounds = 0
        do {
            before = drains.get()
            yield()
        } while (drains.get() != before && ++rounds < LAST_ROUNDS)
    }

    override fun toString(): String = "TestHost[$dispatcher]"
}
