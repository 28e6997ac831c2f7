package dev.reveille.samples.quickstart

import dev.reveille.BasicDispatcher
import dev.reveille.Complete
import dev.reveille.DispatcherOptions
import dev.reveille.MockTime
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.RunOutcome
import dev.reveille.callbacks.executors.DispatcherExecutorService
import dev.reveille.kotlin.asCoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Test
import java.time.Duration
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import dev.reveille.Timer as PollTimer

/** The promise: callbacks, poll tasks and coroutines on one loop, in one queue, on one clock. */
class OneClockTest {
    private val time = MockTime()
    private val dispatcher = BasicDispatcher(DispatcherOptions.defaults().withTicker(time))
    private val ran = mutableListOf<String>()

    private fun ran(what: String) {
        ran += "$what at ${Duration.ofNanos(time.read()).toMinutes()} on ${Thread.currentThread().threadId0()}"
    }

    @Suppress("DEPRECATION") // threadId() is of JDK 19
    private fun Thread.threadId0(): Long = id

    private fun callbackAt(minutes: Long) {
        DispatcherExecutorService.of(dispatcher).schedule({ ran("callback") }, minutes, TimeUnit.MINUTES)
    }

    private fun taskAt(minutes: Long) {
        val timer = PollTimer(dispatcher)
        timer.reset(Duration.ofMinutes(minutes))
        dispatcher.spawn(
            "poll timer",
            Pollable<Complete> { cx -> timer.poll(cx).also { if (it.isReady) ran("task") } },
        )
    }

    private fun coroutineAt(minutes: Long) {
        CoroutineScope(dispatcher.asCoroutineDispatcher()).launch {
            delay(TimeUnit.MINUTES.toMillis(minutes))
            ran("coroutine")
        }
    }

    private fun armInterleaved() {
        callbackAt(7)
        taskAt(5)
        coroutineAt(6)
        callbackAt(1)
        taskAt(2)
        coroutineAt(3)
        callbackAt(4)
        taskAt(8)
        coroutineAt(9)
    }

    private fun expectDeadlineOrder() {
        val kinds =
            listOf("callback", "task", "coroutine", "callback", "task", "coroutine", "callback", "task", "coroutine")
        val me = Thread.currentThread().threadId0()
        assertEquals(kinds.mapIndexed { i, kind -> "$kind at ${i + 1} on $me" }, ran)
    }

    @Test
    fun `callback, timer and delay run in exact deadline order on one thread`() {
        armInterleaved()
        time.advance(Duration.ofMinutes(9))
        expectDeadlineOrder()
    }

    @Test
    fun `runToCompletion does not return before them, and nothing sleeps for real`() {
        armInterleaved()
        time.autoAdvance()
        val begin = System.nanoTime()
        assertEquals(RunOutcome.IDLE, dispatcher.runToCompletion())
        check(System.nanoTime() - begin < Duration.ofMinutes(1).toNanos())
        expectDeadlineOrder()
    }

    @Test
    fun `equal deadlines run in the order of arming, whatever the kind`() {
        dispatcher.runUntil { Poll.ready(Unit) }
        // The coroutine arms its delay when it first runs, so it runs before the others are armed.
        coroutineAt(1)
        dispatcher.runUntilStalled()
        callbackAt(1)
        taskAt(1)
        time.advance(Duration.ofMinutes(1))
        assertEquals(listOf("coroutine", "callback", "task"), ran.map { it.substringBefore(' ') })
    }
}
