package dev.reveille.kotlin.test

import dev.reveille.DispatcherOptions
import dev.reveille.RunnableDispatcher
import java.util.concurrent.locks.LockSupport

private const val MAX_SLEEP_NANOS = 100_000_000L

/**
 * A dispatcher that asks before it sleeps, and whose run ends then, after the sleep if there was one. Otherwise as
 * [BasicDispatcher][dev.reveille.BasicDispatcher].
 */
internal class DrivenDispatcher(options: DispatcherOptions) : RunnableDispatcher(options) {
    private val testThread = Thread.currentThread()

    /** Asked on the loop with nothing ready, with the earliest deadline or [Long.MAX_VALUE]. The test thread's. */
    var maySleep: (earliest: Long) -> Boolean = { false }

    /**
     * A run keeps an interrupt to itself and restores it when it returns. So no run sleeps for long: whoever waits for
     * another thread for real has time for ten looks in a second.
     */
    override fun park(nanos: Long) {
        if (maySleep(earliestTimerExpiry())) {
            LockSupport.parkNanos(this, MAX_SLEEP_NANOS)
        }
        stop()
    }

    override fun wakeLoop(): Unit = LockSupport.unpark(testThread)

    /** Makes a sleeping loop ask again. Any thread. */
    fun nudge(): Unit = LockSupport.unpark(testThread)

    override fun toString(): String = "DrivenDispatcher[${name()}]"
}
