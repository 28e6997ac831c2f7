package dev.reveille.kotlin.test

import java.lang.System.Logger.Level.ERROR
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.NANOSECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.time.Duration

/**
 * The real time of a test. Tells the test when it is over and, if there is no answer, interrupts it.
 *
 * @param onTimeout called by the watchdog's thread, with where the test's thread is.
 */
internal class Watchdog(
    private val timeout: Duration,
    private val testName: String,
    private val onTimeout: (Throwable) -> Unit,
) {
    private val testThread = Thread.currentThread()
    private val end = CountDownLatch(1)

    /** Guarded by this: an interrupt must not hit what the thread does after the test. */
    private var ended = false
    private var interrupted = false

    fun start() {
        if (timeout.isFinite()) {
            Thread(::watch, "reveille-test-watchdog").apply { isDaemon = true }.start()
        }
    }

    private fun watch() {
        if (end.await(timeout.inWholeNanoseconds, NANOSECONDS)) {
            return
        }
        val place = Throwable("thread '${testThread.name}' was here when the time was over")
        place.stackTrace = testThread.stackTrace
        onTimeout(place)
        if (end.await(1, SECONDS)) {
            return
        }
        val message = "test '$testName' has not ended a second after its time-out of $timeout; it is interrupted"
        System.getLogger("dev.reveille.kotlin.test").log(ERROR, message, place)
        synchronized(this) {
            if (!ended) {
                interrupted = true
                testThread.interrupt()
            }
        }
    }

    /** The test is over. Takes the watchdog's own interrupt away, if there was one. By the thread of the test. */
    fun end() {
        val wasInterrupted =
            synchronized(this) {
                ended = true
                interrupted
            }
        end.countDown()
        if (wasInterrupted) {
            Thread.interrupted()
        }
    }
}
