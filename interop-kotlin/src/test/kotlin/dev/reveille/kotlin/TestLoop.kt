package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.DispatcherOptions
import dev.reveille.MockTime
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.RunOutcome
import dev.reveille.TaskSnapshot
import dev.reveille.WakerSlot
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import org.assertj.core.api.Assertions.assertThat
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread

/** A dispatcher on mock time, with a scope on it, and a record of what happened. */
internal class TestLoop(name: String = "loop", options: (DispatcherOptions) -> DispatcherOptions = { it }) {
    val time = MockTime()

    /** What reached the dispatcher's handler or the scope's. */
    val uncaught = CopyOnWriteArrayList<Throwable>()

    /** Written on the loop, as far as the test says nothing else. */
    val log = CopyOnWriteArrayList<String>()

    val dispatcher =
        BasicDispatcher(
            options(
                DispatcherOptions
                    .defaults()
                    .withName(name)
                    .withTicker(time)
                    .withUncaughtHandler { _, _, failure -> uncaught += failure },
            ),
        )

    val coroutines = dispatcher.asCoroutineDispatcher()

    val scope =
        CoroutineScope(coroutines + SupervisorJob() + CoroutineExceptionHandler { _, failure -> uncaught += failure })

    fun runUntilStalled(): RunOutcome = dispatcher.runUntilStalled()

    fun advance(millis: Long): Unit = time.advance(Duration.ofMillis(millis))

    /** Lets time pass on a thread of its own, and calls [meanwhile] on this one; the two begin together. */
    fun advanceAgainst(duration: Duration, meanwhile: () -> Unit) {
        val begin = CyclicBarrier(2)
        val passing =
            FutureTask {
                begin.await(10, SECONDS)
                time.advance(duration)
            }
        thread(name = "time") { passing.run() }
        begin.await(10, SECONDS)
        meanwhile()
        passing.get(10, SECONDS)
    }

    fun now(): Long = time.read() / 1_000_000

    fun tasks(): List<TaskSnapshot> = dispatcher.snapshot().tasks()

    fun assertNothingUncaught() {
        assertThat(uncaught).isEmpty()
    }
}

/** A pollable that is ready when it is opened, from any thread. */
internal class Gate<T : Any>(private val why: String = "the gate") : Pollable<T> {
    private val slot = WakerSlot()

    @Volatile
    private var value: T? = null

    @Volatile
    private var failure: Exception? = null

    @Volatile
    var polls = 0
        private set

    @Volatile
    var cancels = 0
        private set

    var polledBy: String? = null
        private set

    override fun poll(cx: Context): Poll<T> {
        polls++
        polledBy = cx.taskName()
        result()?.let { return it }
        slot.register(cx, why)
        return result() ?: Poll.pending()
    }

    private fun result(): Poll<T>? {
        failure?.let { throw it }
        return value?.let { Poll.ready(it) }
    }

    override fun cancel() {
        cancels++
        slot.clear()
    }

    fun open(value: T) {
        this.value = value
        slot.wake()
    }

    fun fail(failure: Exception) {
        this.failure = failure
        slot.wake()
    }

    override fun toString(): String = why
}
