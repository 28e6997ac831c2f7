package dev.reveille.samples.quickstart

import dev.reveille.BasicDispatcher
import dev.reveille.DispatcherOptions
import dev.reveille.MockTime
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.time.Duration
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread

/** The snippets of interop-kotlin/README.md, run. */
class WarmestTest {
    private val time = MockTime()
    private val dispatcher = BasicDispatcher(DispatcherOptions.defaults().withTicker(time))
    private val thermometers = listOf(18.5, 21.0, 19.0).map { Thermometer(dispatcher) { it } }
    private val shown = mutableListOf<String>()

    @Test
    fun theWarmestIsShownWhenAllAreRead() {
        display(dispatcher, thermometers, shown::add)
        dispatcher.runUntilStalled()
        assertThat(shown).isEmpty()
        time.advance(Duration.ofMillis(10))
        assertThat(shown).containsExactly("21.0 °C")
    }

    @Test
    fun oneThatFailsCancelsTheOthers() {
        val broken = Thermometer(dispatcher) { throw IllegalStateException("broken") }
        val job = display(dispatcher, thermometers + broken, shown::add)
        val failures = mutableListOf<Throwable?>()
        job.invokeOnCompletion { failures += it }
        val thread = Thread.currentThread()
        val handler = thread.uncaughtExceptionHandler
        thread.setUncaughtExceptionHandler { _, _ -> }
        try {
            dispatcher.runUntilStalled()
            time.advance(Duration.ofMillis(10))
        } finally {
            thread.uncaughtExceptionHandler = handler
        }
        assertThat(failures).singleElement().isInstanceOf(IllegalStateException::class.java)
        assertThat(dispatcher.snapshot().tasks()).isEmpty()
    }

    @Test
    fun javaGetsAPollable() {
        time.autoAdvance()
        assertThat(dispatcher.runUntil(warmestOf(dispatcher, thermometers)).value()).isEqualTo(21.0)
    }

    @Test
    fun theTaskWatchesOnceAMinute() {
        var degrees = 99.0
        watch(dispatcher, Thermometer(dispatcher) { degrees }) { shown += "$it" }
        dispatcher.runUntilStalled()
        time.advance(Duration.ofSeconds(1))
        degrees = 101.0
        time.advance(Duration.ofSeconds(58))
        assertThat(shown).isEmpty()
        time.advance(Duration.ofSeconds(2))
        assertThat(shown).containsExactly("101.0")
    }

    @Test
    fun aCoroutineElsewhereSaysWhoPolls() {
        val real = BasicDispatcher()
        val ready = CountDownLatch(1)
        real.post { ready.countDown() }
        val driver = thread { real.run() }
        ready.await()
        runBlocking { log(real, Thermometer(real) { 20.0 }, shown::add) }
        real.stop()
        driver.join()
        assertThat(shown).containsExactly("20.0\n")
    }
}
