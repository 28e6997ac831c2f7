@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin.test

import dev.reveille.kotlin.asCoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.resetMain
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.test.setMain
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Our loop as `Dispatchers.Main`, for code under test that names it. */
class MainTest {
    private val log = mutableListOf<String>()

    @AfterEach
    fun reset() {
        Dispatchers.resetMain()
    }

    @Test
    fun mainIsTheLoopOfTheTestWithItsClock() {
        runDispatcherTest(20.seconds) {
            Dispatchers.setMain(dispatcher.asCoroutineDispatcher())
            val job =
                launch(Dispatchers.Main) {
                    log += "on loop: ${dispatcher.onLoop()}"
                    delay(1_000)
                    log += "delay: $currentTime"
                    log += "time-out: ${withTimeoutOrNull(500) { Channel<Int>().receive() }} at $currentTime"
                    withContext(Dispatchers.IO) { Thread.yield() }
                    log += "back on loop: ${dispatcher.onLoop()}"
                }
            advance(999.milliseconds)
            assertThat(log).containsExactly("on loop: true")
            advance(1.milliseconds)
            assertThat(log.last()).isEqualTo("delay: 1000")
            advance(500.milliseconds)
            job.join()
            assertThat(log.drop(2)).containsExactly("time-out: null at 1500", "back on loop: true")
        }
    }

    @Test
    fun immediateOfMainQueuesUnlessOurImmediateViewIsMain() {
        runDispatcherTest(20.seconds) {
            val ours = dispatcher.asCoroutineDispatcher()
            Dispatchers.setMain(ours)
            // Main has what it was set to; only a MainCoroutineDispatcher has an immediate one of its own.
            launch(Dispatchers.Main.immediate) { log += "queued" }
            log += "after launch"
            runCurrent()
            assertThat(log).containsExactly("after launch", "queued")

            log.clear()
            Dispatchers.setMain(ours.immediate)
            launch(Dispatchers.Main.immediate) { log += "in place" }
            log += "after launch"
            withContext(Dispatchers.Default) {
                launch(Dispatchers.Main) { log += "on loop: ${dispatcher.onLoop()}" }.join()
            }
            assertThat(log).containsExactly("in place", "after launch", "on loop: true")
        }
    }

    @Test
    fun hostedUnderRunTestItIsMainWithTheTimeOfTheTest() = runTest {
        val dispatcher = hostDispatcher()
        Dispatchers.setMain(dispatcher.asCoroutineDispatcher())
        backgroundScope.launch(Dispatchers.Main) {
            while (true) {
                delay(100)
                log += "beat at $currentTime"
            }
        }
        withContext(Dispatchers.Main) {
            assertThat(dispatcher.onLoop()).isTrue()
            delay(250)
            assertThat(withTimeoutOrNull(100) { awaitCancellation() } as Any?).isNull()
        }
        assertThat(currentTime).isEqualTo(350)
        assertThat(log).containsExactly("beat at 100", "beat at 200", "beat at 300")
    }

    @Test
    fun afterTheResetTheLoopIsMainNoMore() {
        runDispatcherTest(20.seconds) {
            Dispatchers.setMain(dispatcher.asCoroutineDispatcher())
            Dispatchers.resetMain()
            assertThatThrownBy { Dispatchers.Main.isDispatchNeeded(coroutineContext) }
                .isInstanceOf(IllegalStateException::class.java)
        }
    }
}
