@file:OptIn(ExperimentalCoroutinesApi::class, FlowPreview::class)

package dev.reveille.kotlin.test

import dev.reveille.Context
import dev.reveille.Dispatcher
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.await
import dev.reveille.kotlin.coroutineTask
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.FlowPreview
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.sample
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.UnconfinedTestDispatcher
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.advanceUntilIdle
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.io.IOException
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.resume
import kotlin.time.Duration.Companion.milliseconds

/** Our loop inside `runTest`: one virtual time, which only the scope moves. */
class HostDispatcherTest {
    private val log = CopyOnWriteArrayList<String>()

    // ------------------------------------------------------------------ one time

    @Test
    fun delaysOnBothDispatchersAgreeInTimeAndOrder() = runTest {
        val dispatcher = hostDispatcher()
        for (millis in listOf(50L, 10L, 30L)) {
            launch(dispatcher.asCoroutineDispatcher()) {
                delay(millis)
                log += "ours at $currentTime, ${dispatcher.ticker().read()}"
            }
            launch {
                delay(millis + 10)
                log += "theirs at $currentTime"
            }
        }
        delay(100)
        assertThat(log).containsExactly(
            "ours at 10, 10000000",
            "theirs at 20",
            "ours at 30, 30000000",
            "theirs at 40",
            "ours at 50, 50000000",
            "theirs at 60",
        )
    }

    @Test
    fun coroutinesCallbacksAndTasksWaitForNoRealTime() = runTest {
        val dispatcher = hostDispatcher()
        val start = System.nanoTime()
        dispatcher.postAfter(Duration.ofHours(1)) { log += "callback at $currentTime" }
        val task =
            dispatcher.spawn(
                coroutineTask("task") {
                    repeat(3) { delay(3_600_000) }
                    log += "task at $currentTime"
                },
            )
        task.join().await(on = dispatcher)
        assertThat(log).containsExactly("callback at 3600000", "task at 10800000")
        assertThat(System.nanoTime() - start).isLessThan(60_000_000_000)
    }

    @Test
    fun aDeadlineBelowAMillisecondIsRoundedUpAndKeepsItsOrder() = runTest {
        val dispatcher = hostDispatcher()
        dispatcher.postAfter(Duration.ofNanos(700_000)) { log += "second at $currentTime" }
        dispatcher.postAfter(Duration.ofNanos(1)) { log += "first at $currentTime" }
        dispatcher.postAfter(Duration.ofNanos(1_000_001)) { log += "third at $currentTime" }
        delay(10)
        assertThat(log).containsExactly("first at 1", "second at 1", "third at 2")
    }

    @Test
    fun theScopeMovesTime() = runTest {
        val dispatcher = hostDispatcher()
        dispatcher.postAfter(Duration.ofMillis(1000)) { log += "timer" }
        advanceTimeBy(1000.milliseconds) // stops before what is due at the last moment
        assertThat(log).isEmpty()
        runCurrent()
        assertThat(log).containsExactly("timer")

        launch(dispatcher.asCoroutineDispatcher()) {
            delay(500)
            log += "coroutine at $currentTime"
        }
        advanceUntilIdle()
        assertThat(log).containsExactly("timer", "coroutine at 1500")
    }

    @Test
    fun timeOutsOnOurDispatcherAreVirtual() = runTest {
        val dispatcher = hostDispatcher()
        withContext(dispatcher.asCoroutineDispatcher()) {
            assertThat(withTimeoutOrNull(1_000) { Channel<Int>().receive() }).isNull()
            assertThat(dispatcher.onLoop()).isTrue()
        }
        assertThat(currentTime).isEqualTo(1_000)
        val never = dispatcher.spawn("never", Pollable<Int> { cx: Context -> cx.park() })
        val late = runCatching { withTimeout(1_000) { never.join().await(on = dispatcher) } }
        assertThat(late.exceptionOrNull()).isInstanceOf(TimeoutCancellationException::class.java)
        assertThat(currentTime).isEqualTo(2_000)
    }

    @Test
    fun anotherClockIsRefused() = runTest {
        assertThatThrownBy { hostDispatcher { it.withTicker { 0 } } }
            .isInstanceOf(IllegalArgumentException::class.java)
            .hasMessageContaining("time of the test")
        assertThat(hostDispatcher { it.withName("mine") }.name()).isEqualTo("mine")
    }

    @Test
    fun itLivesInAnUnconfinedTestAndInAScopeWithoutRunTestToo() {
        runTest(UnconfinedTestDispatcher()) {
            val dispatcher = hostDispatcher()
            withContext(dispatcher.asCoroutineDispatcher()) { delay(1_000) }
            assertThat(currentTime).isEqualTo(1_000)
        }
        val scope = TestScope()
        val dispatcher = scope.hostDispatcher()
        dispatcher.postAfter(Duration.ofSeconds(1)) { log += "at ${scope.currentTime}" }
        assertThat(log).isEmpty()
        scope.advanceUntilIdle()
        assertThat(log).containsExactly("at 1000")
        dispatcher.close()
        assertThat(dispatcher.isClosed).isTrue()
    }

    // ------------------------------------------------------------------ other threads

    @Test
    fun wakesOfOtherThreadsReachTheLoop() = runTest {
        val dispatcher = hostDispatcher()
        val rounds = AtomicInteger()
        val task =
            dispatcher.spawn<Int>("counter") { cx ->
                val waker = cx.waker("another thread")
                if (rounds.get() == 1_000) {
                    Poll.ready(rounds.get())
                } else {
                    rounds.incrementAndGet()
                    if (rounds.get() % 100 == 0) thread { waker.wake() } else waker.wake()
                    Poll.pending()
                }
            }
        assertThat(task.join().await(on = dispatcher)).isEqualTo(1_000)
    }

    @Test
    fun timeStandsStillWhileItIsHeld() = runTest {
        val dispatcher = hostDispatcher()
        dispatcher.postAfter(Duration.ofHours(1)) { log += "too early" }
        val answer =
            withTimeout(1_000) {
                holdTime {
                    val other = suspendCancellableCoroutine { k -> thread { k.resume("answer") } }
                    withContext(dispatcher.asCoroutineDispatcher()) { withContext(Dispatchers.IO) { other } }
                }
            }
        assertThat(answer).isEqualTo("answer")
        assertThat(currentTime).isZero()
        assertThat(log).isEmpty()
        delay(1)
        assertThat(currentTime).isEqualTo(1)
    }

    @Test
    fun aFailureWhileTimeIsHeldIsThrownAndTimeGoesOn() = runTest {
        assertThat(runCatching { holdTime { throw IOException("held") } }.exceptionOrNull())
            .isInstanceOf(IOException::class.java)
        delay(1_000)
        assertThat(currentTime).isEqualTo(1_000)
    }

    // ------------------------------------------------------------------ the end

    @Test
    fun itIsClosedWithTheTestAndWhatIsLeftIsCancelled() {
        lateinit var hosted: Dispatcher
        runTest {
            val dispatcher = hostDispatcher()
            hosted = dispatcher
            dispatcher.post(
                coroutineTask("server") {
                    while (true) delay(10)
                },
            )
            dispatcher.postAfter(Duration.ofHours(1)) { log += "never" }
            backgroundScope.launch(dispatcher.asCoroutineDispatcher()) {
                try {
                    awaitCancellation()
                } finally {
                    log += "background on loop: ${dispatcher.onLoop()}"
                }
            }
            delay(1_000)
            dispatcher.post { log += "posted last" }
        }
        assertThat(hosted.isClosed).isTrue()
        assertThat(log).containsExactlyInAnyOrder("posted last", "background on loop: true")
    }

    @Test
    fun runTestWaitsForItsChildrenOnOurDispatcher() {
        runTest {
            launch(hostDispatcher().asCoroutineDispatcher()) {
                delay(1_000)
                withContext(NonCancellable) { yield() }
                log += "child at $currentTime"
            }
        }
        assertThat(log).containsExactly("child at 1000")
    }

    @Test
    fun aTaskThatNeverRestsIsClosedAllTheSame() {
        lateinit var hosted: Dispatcher
        runTest {
            val dispatcher = hostDispatcher()
            hosted = dispatcher
            dispatcher.spawn("restless") { cx ->
                cx.waker("itself").wake()
                Poll.pending<Unit>()
            }
            repeat(10) { yield() }
        }
        assertThat(hosted.isClosed).isTrue()
    }

    @Test
    fun itMayBeClosedByTheTest() = runTest {
        val dispatcher = hostDispatcher()
        dispatcher.close()
        assertThat(dispatcher.isClosed).isTrue()
        val late = launch(dispatcher.asCoroutineDispatcher()) { log += "ran" }
        late.join()
        assertThat(log).isEmpty()
    }

    @Test
    fun aFailureThatNobodyWaitsForFailsTheTest() {
        assertThatThrownBy {
            runTest {
                hostDispatcher().post { throw IOException("callback") }
                delay(1)
            }
        }.isInstanceOf(IOException::class.java).hasMessage("callback")
    }

    // ------------------------------------------------------------------ with the tools of kotlinx

    @Test
    fun flowsAndTheBackgroundScope() = runTest {
        val ours = hostDispatcher().asCoroutineDispatcher()
        val state = MutableStateFlow(0)
        backgroundScope.launch(ours) {
            while (true) {
                delay(100)
                state.value++
            }
        }
        state.first { it == 5 }
        assertThat(currentTime).isEqualTo(500)

        val sampled =
            flow {
                repeat(5) {
                    emit(it)
                    delay(100)
                }
            }.flowOn(ours).sample(160)
        assertThat(sampled.toList()).containsExactly(1, 3, 4)
    }

    @Test
    fun theLoopOfAnExecutorSpeaksToTheTestToo() = runTest {
        // kotlinx's own way back: the executor view of the dispatcher as a coroutine dispatcher, without our timers.
        val dispatcher = hostDispatcher()
        val view = dispatcher.asExecutor().asCoroutineDispatcher()
        val channel = Channel<Boolean>()
        launch(view) { repeat(3) { channel.send(dispatcher.onLoop()) } }
        assertThat(List(3) { channel.receive() }).containsOnly(true)
        assertThat(async(view) { dispatcher.onLoop() }.await()).isTrue()
    }
}
