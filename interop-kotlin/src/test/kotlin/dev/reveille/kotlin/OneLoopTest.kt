package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.RunOutcome
import dev.reveille.Timer
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.time.Duration

/** The promise of the house: callbacks, poll tasks and coroutines on one loop, in one order, on one clock. */
class OneLoopTest {
    private val loop = TestLoop()
    private val threads = mutableSetOf<Thread>()

    private fun happened(what: String) {
        loop.log += "$what at ${loop.now()}"
        threads += Thread.currentThread()
    }

    @Test
    fun interleavedDeadlinesOfAllStylesRunInDeadlineOrder() {
        val day = 86_400_000L
        // Each style has every fifth hour; armed from the latest to the earliest, so that order is not by chance.
        for (hour in 23 downTo 0) {
            val millis = hour * 3_600_000L + 1
            when (hour % 5) {
                0 -> loop.dispatcher.postAfter(Duration.ofMillis(millis)) { happened("callback") }

                1 -> pollTimer(millis)

                2 ->
                    loop.scope.launch {
                        delay(millis)
                        happened("coroutine")
                    }

                3 ->
                    loop.dispatcher.post(
                        coroutineTask {
                            delay(millis)
                            happened("coroutine task")
                        },
                    )

                4 ->
                    loop.dispatcher.post(
                        coroutineTask {
                            launch {
                                delay(millis)
                                happened("child")
                            }
                        },
                    )
            }
        }
        val styles = listOf("callback", "poll timer", "coroutine", "coroutine task", "child")
        val expected = (0..23).map { "${styles[it % 5]} at ${it * 3_600_000L + 1}" }
        loop.time.autoAdvance()
        val realStart = System.nanoTime()

        assertThat(loop.dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE)

        assertThat(loop.log).containsExactlyElementsOf(expected)
        assertThat(threads).containsExactly(Thread.currentThread())
        assertThat(Duration.ofNanos(System.nanoTime() - realStart)).isLessThan(Duration.ofMillis(day / 1000))
        loop.assertNothingUncaught()
    }

    @Test
    fun equalDeadlinesOfAllStylesRunInTheOrderOfTheirArming() {
        loop.dispatcher.post {
            loop.dispatcher.postAfter(Duration.ofMillis(10)) { happened("callback") }
            pollTimer(10)
            loop.dispatcher.postAfter(Duration.ofMillis(10)) { happened("callback") }
        }
        loop.scope.launch {
            delay(10)
            happened("coroutine")
        }
        loop.dispatcher.post(
            coroutineTask {
                delay(10)
                happened("coroutine task")
            },
        )
        loop.runUntilStalled()
        loop.advance(10)

        assertThat(loop.log.map { it.substringBefore(" at") })
            .containsExactly("callback", "poll timer", "callback", "coroutine", "coroutine task")
    }

    private fun pollTimer(millis: Long) {
        val timer = Timer(loop.dispatcher)
        timer.reset(Duration.ofMillis(millis))
        loop.dispatcher.spawn(
            "poll timer",
            Pollable { cx: Context -> timer.poll(cx).also { if (it.isReady) happened("poll timer") } },
        )
    }

    @Test
    fun aTurnOfEachStyleComesInTheOrderOfAcceptance() {
        loop.dispatcher.post { happened("callback") }
        loop.dispatcher.spawn(Pollable { _: Context -> Poll.ready(happened("task")) })
        loop.scope.launch { happened("coroutine") }
        loop.dispatcher.post(coroutineTask { happened("coroutine task") })
        loop.dispatcher.post { happened("callback") }
        loop.runUntilStalled()

        assertThat(loop.log.map { it.substringBefore(" at") })
            .containsExactly("callback", "task", "coroutine", "coroutine task", "callback")
        val snapshot = loop.dispatcher.snapshot()
        assertThat(snapshot.callbacks()).isEqualTo(2)
        assertThat(snapshot.taskPolls()).isEqualTo(2)
        assertThat(loop.coroutines.resumptions).isEqualTo(2)
    }
}
