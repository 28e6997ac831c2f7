package dev.reveille.kotlin.test

import dev.reveille.kotlin.coroutineTask
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicReference
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** The time-out of a [runDispatcherTest], in real time. */
class TimeOutTest {
    @Test
    fun aTestThatWaitsForNobodyFailsWithTheDump() {
        assertThatThrownBy {
            runDispatcherTest(timeout = 50.milliseconds) {
                launch(CoroutineName("receiver")) { Channel<Int>().receive() }
                dispatcher.post(coroutineTask("server") { Channel<Int>().receive() })
            }
        }.isInstanceOf(AssertionError::class.java)
            .hasMessageContaining("longer than 50ms")
            .hasMessageContaining("receiver")
            .hasMessageContaining("server")
    }

    @Test
    fun aBusyLoopThatLooksAtItsJobEndsAndTheFailureSaysWhereItWas() {
        assertThatThrownBy {
            runDispatcherTest(timeout = 50.milliseconds) { spin { isActive } }
        }.isInstanceOf(AssertionError::class.java).satisfies({ failure ->
            val place = failure.suppressed.single { it.message!!.contains("was here") }
            assertThat(place.stackTrace.map { it.methodName }).contains("spin")
        })
    }

    private fun spin(goesOn: () -> Boolean) {
        while (goesOn()) Thread.onSpinWait()
    }

    @Test
    fun aBlockedTestIsInterruptedAndTheThreadIsCleanAfterIt() {
        assertThatThrownBy {
            runDispatcherTest(timeout = 50.milliseconds) { CountDownLatch(1).await() }
        }.satisfies({ failure ->
            assertThat(failure).isInstanceOf(AssertionError::class.java).hasMessageContaining("longer than 50ms")
        })
        assertThat(Thread.currentThread().isInterrupted).isFalse()
    }

    @Test
    fun anInterruptEndsTheTest() {
        val thrown = AtomicReference<Throwable>()
        val waits = CountDownLatch(1)
        val tester =
            thread {
                thrown.set(
                    runCatching {
                        runDispatcherTest(Duration.INFINITE) {
                            waits.countDown()
                            Channel<Int>().receive()
                        }
                    }.exceptionOrNull(),
                )
            }
        assertThat(waits.await(10, SECONDS)).isTrue()
        tester.interrupt()
        tester.join(10_000)
        assertThat(thrown.get()).isInstanceOf(InterruptedException::class.java)
    }

    @Test
    fun theWatchdogEndsWithTheTest() {
        val dogs = { Thread.getAllStackTraces().keys.filter { it.name == "reveille-test-watchdog" } }
        val during = mutableListOf<Thread>()
        runDispatcherTest(60.seconds) { during += dogs() }
        assertThat(during).isNotEmpty().allMatch { it.isDaemon }
        during.forEach { it.join(10_000) }
        assertThat(during).noneMatch { it.isAlive }
    }

    @Test
    fun aTestThatHasClosedItsDispatcherIsTimedOutToo() {
        assertThatThrownBy {
            runDispatcherTest(timeout = 50.milliseconds) {
                dispatcher.shutdown()
                withContext(NonCancellable + Dispatchers.IO) { Channel<Int>().receive() } // for ever
            }
        }.isInstanceOf(AssertionError::class.java).hasMessageContaining("longer than 50ms")
        assertThat(Thread.currentThread().isInterrupted).isFalse()
    }

    @Test
    fun anInterruptThatComesWhenTheBodyIsOverIsNotLost() {
        runDispatcherTest {
            backgroundScope.launch {
                try {
                    awaitCancellation()
                } finally {
                    withContext(NonCancellable) { delay(1) }
                }
            }
            runCurrent()
            Thread.currentThread().interrupt()
        }
        assertThat(Thread.interrupted()).isTrue()
    }
}
