package dev.reveille.kotlin.examples

import dev.reveille.Poll
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.asHost
import dev.reveille.kotlin.test.holdTime
import dev.reveille.kotlin.test.hostDispatcher
import dev.reveille.kotlin.test.runDispatcherTest
import dev.reveille.spi.HostedDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import kotlin.concurrent.thread
import kotlin.coroutines.resume
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** The examples in the KDoc of `dev.reveille.kotlin.test` and of `asHost`. */
@OptIn(ExperimentalCoroutinesApi::class)
class TestExampleTest {
    private class Legacy {
        suspend fun call(): String = suspendCancellableCoroutine { k -> thread { k.resume("answer") } }
    }

    private val legacy = Legacy()

    @Test
    fun aTestMovesTime() {
        runDispatcherTest {
            val log = mutableListOf<String>()
            dispatcher.postAfter(java.time.Duration.ofHours(1)) { log += "callback" }
            launch {
                delay(3_600_000)
                log += "coroutine"
            }
            advance(59.minutes)
            assertThat(log).isEmpty()
            advance(1.minutes)
            assertThat(log).containsExactly("callback", "coroutine")
        }
    }

    @Test
    fun theScope() {
        runDispatcherTest {
            var beats = 0
            backgroundScope.launch {
                while (true) {
                    delay(10_000)
                    beats++
                }
            }
            advance(59.seconds)
            assertThat(beats).isEqualTo(5)
            assertThat(currentTime).isEqualTo(59_000)
        }
    }

    @Test
    fun advance() {
        runDispatcherTest {
            val silence = Channel<String>()
            val reply = async { withTimeoutOrNull(1_000) { silence.receive() } }
            advance(999.milliseconds)
            assertThat(reply.isCompleted).isFalse()
            advance(1.milliseconds)
            assertThat(reply.isCompleted).isTrue()
        }
    }

    @Test
    fun runCurrent() {
        runDispatcherTest {
            val job = launch { repeat(10) { yield() } }
            runCurrent()
            assertThat(job.isCompleted).isTrue()
        }
    }

    @Test
    fun holdTimeInADispatcherTest() {
        runDispatcherTest {
            val answer = withTimeout(1_000) {
                // of virtual time
                holdTime { legacy.call() } // takes real time, on a thread of its own
            }
            assertThat(answer).isEqualTo("answer")
        }
    }

    @Test
    fun holdTimeInRunTest() = runTest {
        val answer = withTimeout(1_000) {
            // of virtual time
            holdTime { legacy.call() } // takes real time, on a thread of its own
        }
        assertThat(answer).isEqualTo("answer")
    }

    @Test
    fun hostDispatcherInRunTest() {
        runTest {
            val dispatcher = hostDispatcher()
            val ours = launch(dispatcher.asCoroutineDispatcher()) { delay(1_000) }
            delay(999)
            assertThat(ours.isCompleted).isFalse()
            delay(1)
            ours.join()
            assertThat(currentTime).isEqualTo(1_000)
        }
    }

    @Test
    fun aLoopOnAPool() {
        val dispatcher = HostedDispatcher.on(Dispatchers.Default.asHost())
        val greeting = dispatcher.spawn("a task") { Poll.ready("run by ${Thread.currentThread().name}") }
        println(greeting.toCompletableFuture().get())

        assertThat(greeting.toCompletableFuture().get()).startsWith("run by DefaultDispatcher")
        dispatcher.close()
    }
}
