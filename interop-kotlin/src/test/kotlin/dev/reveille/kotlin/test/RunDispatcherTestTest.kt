package dev.reveille.kotlin.test

import dev.reveille.BasicDispatcher
import dev.reveille.DispatcherOptions
import dev.reveille.MockTime
import dev.reveille.Poll
import dev.reveille.kotlin.ReveilleDispatcher
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.await
import dev.reveille.kotlin.coroutineTask
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.ForkJoinPool
import kotlin.concurrent.thread
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.resume
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

class RunDispatcherTestTest {
    private val log = mutableListOf<String>()

    /** A time-out that only a defect uses up. */
    private fun test(autoAdvance: Boolean = false, body: suspend DispatcherTestScope.() -> Unit): Unit =
        runDispatcherTest(20.seconds, autoAdvance, testBody = body)

    // ------------------------------------------------------------------ who runs, and time

    @Test
    fun theBodyRunsOnTheDispatcherInTheCallingThread() {
        val caller = Thread.currentThread()
        test {
            assertThat(Thread.currentThread()).isSameAs(caller)
            assertThat(dispatcher.onLoop()).isTrue()
            assertThat(currentCoroutineContext()[ContinuationInterceptor]).isSameAs(dispatcher.asCoroutineDispatcher())
            assertThat(dispatcher.ticker()).isSameAs(time)
            log += "ran"
        }
        assertThat(log).containsExactly("ran")
    }

    @Test
    fun timeMovesByAdvanceOnlyAndUpToItsLastMoment() {
        test {
            for (millis in listOf(10L, 20L, 30L)) {
                launch {
                    delay(millis)
                    log += "$millis at $currentTime"
                }
            }
            yield()
            assertThat(currentTime).isZero()
            advance(20.milliseconds)
            assertThat(log).containsExactly("10 at 10", "20 at 20")
            advance(9.milliseconds)
            assertThat(log).hasSize(2)
            advance(1.milliseconds)
            assertThat(log.last()).isEqualTo("30 at 30")
        }
    }

    @Test
    fun runCurrentRunsWhatIsReadyAndMovesNoTime() {
        test {
            launch {
                repeat(100) { yield() }
                log += "ready"
            }
            val later = launch { delay(1) }
            runCurrent()
            assertThat(log).containsExactly("ready")
            assertThat(currentTime).isZero()
            later.cancel()
        }
    }

    @Test
    fun timeHasNanoseconds() {
        test {
            val start = testTimeSource.markNow()
            dispatcher.postAfter(java.time.Duration.ofNanos(3)) { log += "${start.elapsedNow()}" }
            advance(2.nanoseconds)
            assertThat(log).isEmpty()
            advance(1.nanoseconds)
            assertThat(log).containsExactly("3ns")
            assertThat(currentTime).isZero()
        }
    }

    @Test
    fun theTestMayMoveTimeFromAnyCoroutine() {
        test {
            launch { advance(1.hours) }
            withContext(Dispatchers.Default) { advance(1.hours) }
            dispatcher.spawn(coroutineTask("mover") { advance(1.hours) }).join().await()
            assertThat(currentTime).isEqualTo(3.hours.inWholeMilliseconds)
        }
    }

    @Test
    fun anAdvanceThatWasCancelledBeforeItsTurnIsNotMade() {
        test {
            val mover = launch { advance(1.hours) }
            yield()
            mover.cancel()
            runCurrent()
            assertThat(currentTime).isZero()
        }
    }

    @Test
    fun backwardsIsRefused() {
        test {
            val refused = runCatching { advance((-1).milliseconds) }.exceptionOrNull()
            assertThat(refused).isInstanceOf(IllegalArgumentException::class.java).hasMessageContaining("-1ms")
        }
    }

    @Test
    fun aTimeOutOfVirtualTime() {
        test {
            val call = async { runCatching { withTimeout(1000) { Channel<Int>().receive() } } }
            advance(1.seconds)
            assertThat(call.await().exceptionOrNull()).isInstanceOf(TimeoutCancellationException::class.java)
        }
    }

    // ------------------------------------------------------------------ time that moves by itself

    @Test
    fun withAutoAdvanceTimeMovesWhenNothingIsReady() {
        test(autoAdvance = true) {
            launch {
                delay(2000)
                log += "child at $currentTime"
            }
            delay(1.days)
            log += "body at $currentTime"
            launch { delay(1) }
        }
        assertThat(log).containsExactly("child at 2000", "body at 86400000")
    }

    @Test
    fun withAutoAdvanceACoroutineOnAnotherDispatcherHoldsTime() {
        test(autoAdvance = true) {
            withTimeout(1) {
                withContext(Dispatchers.IO) { Thread.yield() }
                dispatcher.offload({ Thread.yield() }, ForkJoinPool.commonPool()).await()
                holdTime {
                    suspendCancellableCoroutine { k -> thread { k.resume(Unit) } }
                }
            }
            assertThat(currentTime).isZero()
        }
    }

    // ------------------------------------------------------------------ stuck

    @Test
    fun aTestThatWaitsForTimeThatNobodyMovesFailsAtOnceAndSaysWhatWaits() {
        assertThatThrownBy {
            runDispatcherTest(Duration.INFINITE) {
                launch(CoroutineName("sleeper")) { delay(1000) }
                dispatcher.post(coroutineTask("heartbeat") { delay(500) })
                delay(1000)
            }
        }.isInstanceOf(AssertionError::class.java)
            .hasMessageContaining("the test is stuck")
            .hasMessageContaining("advance()")
            .hasMessageContaining("heartbeat")
            .hasMessageContaining("sleeper")
            .hasMessageContaining("waits for: delay")
    }

    @Test
    fun aChildThatIsLeftWaitingForTimeFailsTheTest() {
        assertThatThrownBy {
            runDispatcherTest(Duration.INFINITE) {
                launch(CoroutineName("left")) {
                    try {
                        delay(1000)
                    } finally {
                        withContext(NonCancellable) { delay(1000) }
                        log += "finally on loop: ${dispatcher.onLoop()}"
                    }
                }
            }
        }.isInstanceOf(AssertionError::class.java).hasMessageContaining("stuck").hasMessageContaining("left")
        assertThat(log).containsExactly("finally on loop: true")
    }

    @Test
    fun aTestThatWaitsForAnotherThreadIsNotStuck() {
        test {
            launch { awaitCancellation() }.cancel()
            suspendCancellableCoroutine { k -> thread { k.resume(Unit) } } // nothing waits for time
            withTimeout(1000) {
                withContext(Dispatchers.IO) { Thread.yield() }
                dispatcher.offload({ Thread.yield() }, ForkJoinPool.commonPool()).await()
                holdTime { suspendCancellableCoroutine { k -> thread { k.resume(Unit) } } }
            }
            log += "ended"
        }
        assertThat(log).containsExactly("ended")
    }

    @Test
    fun aTaskThatAlwaysWakesItselfIsNamed() {
        assertThatThrownBy {
            test {
                dispatcher.spawn("restless") { cx ->
                    cx.waker("itself").wake()
                    Poll.pending<Unit>()
                }
                awaitCancellation()
            }
        }.isInstanceOf(AssertionError::class.java).hasMessageContaining("restless")
    }

    // ------------------------------------------------------------------ failures

    @Test
    fun theFailureOfTheBodyIsThrownAsItIs() {
        val failure = IOException("broken")
        assertThatThrownBy {
            test {
                yield()
                throw failure
            }
        }.isSameAs(failure)
    }

    @Test
    fun aFailedChildCancelsTheBody() {
        assertThatThrownBy {
            test {
                launch { throw IOException("child") }
                awaitCancellation()
            }
        }.isInstanceOf(IOException::class.java).hasMessage("child")
    }

    @Test
    fun failuresThatNobodyWaitsForFailTheTestAndTheFirstOneIsThrown() {
        assertThatThrownBy {
            test {
                dispatcher.post { throw IOException("callback") }
                runCurrent()
                dispatcher.post(coroutineTask { throw IOException("task") })
                backgroundScope.launch { throw IOException("background") }
                runCurrent()
                // As a coroutine does that has no handler: not by one, since runTest would hear of it and fail in a later test.
                val thread = Thread.currentThread()
                thread.uncaughtExceptionHandler.uncaughtException(thread, IOException("elsewhere"))
                throw IllegalStateException("body")
            }
        }.isInstanceOf(IOException::class.java).hasMessage("callback").satisfies({ first ->
            assertThat(first.suppressed.map { it.message })
                .containsExactly("task", "background", "elsewhere", "body")
        })
    }

    @Test
    fun aFailureOfTheBodyThatIsACancellationIsAFailureToo() {
        assertThatThrownBy { test { throw CancellationException("mine") } }.hasMessage("mine")
    }

    // ------------------------------------------------------------------ the end

    @Test
    fun theTestWaitsForItsChildrenAndCancelsTheBackground() {
        lateinit var background: Job
        test {
            background =
                backgroundScope.launch {
                    try {
                        while (true) delay(10)
                    } finally {
                        withContext(NonCancellable) { delay(10) }
                        log += "background ends on loop: ${dispatcher.onLoop()}"
                    }
                }
            launch {
                suspendCancellableCoroutine { k ->
                    thread { k.resume(Unit) }.join()
                }
                log += "child"
            }
            yield()
            advance(100.milliseconds)
        }
        assertThat(log).containsExactly("child", "background ends on loop: true")
        assertThat(background.isCancelled).isTrue()
    }

    @Test
    fun aBackgroundThatDoesNotEndFailsTheTest() {
        assertThatThrownBy {
            test {
                backgroundScope.launch(CoroutineName("stubborn")) {
                    withContext(NonCancellable) { Channel<Int>().receive() }
                }
                runCurrent()
            }
        }.isInstanceOf(
            AssertionError::class.java,
        ).hasMessageContaining("backgroundScope").hasMessageContaining("stubborn")
    }

    @Test
    fun theDispatcherIsClosedWithTheTestAndTasksAreCancelled() {
        lateinit var under: dev.reveille.Dispatcher
        test {
            under = dispatcher
            val task =
                coroutineTask("server") {
                    try {
                        awaitCancellation()
                    } finally {
                        log += "server ended"
                    }
                }
            dispatcher.post(task)
            yield()
        }
        assertThat(under.isClosed).isTrue()
    }

    @Test
    fun theBodyMayShutTheDispatcherDown() {
        test {
            dispatcher.shutdown()
            log += "still here"
        }
        assertThatThrownBy {
            test {
                dispatcher.shutdown()
                suspendCancellableCoroutine<Unit> { }
            }
        }.isInstanceOf(CancellationException::class.java).hasMessageContaining("closed")
        assertThat(log).containsExactly("still here")
    }

    // ------------------------------------------------------------------ options, threads

    @Test
    fun theOptionsAreThoseOfTheDispatcher() {
        val shared = MockTime()
        val caught = mutableListOf<String?>()
        runDispatcherTest(
            configure = {
                it.withName("mine").withTicker(shared).withUncaughtHandler { _, _, failure ->
                    caught += failure.message
                }
            },
        ) {
            val other = BasicDispatcher(DispatcherOptions.defaults().withTicker(shared))
            other.postAfter(java.time.Duration.ofMillis(5)) { log += "other at $currentTime" }
            dispatcher.post { throw IOException("to my handler") }
            advance(10.milliseconds)
            assertThat(dispatcher.name()).isEqualTo("mine")
        }
        assertThat(caught).containsExactly("to my handler")
        assertThat(log).containsExactly("other at 5")
    }

    @Test
    fun aClockThatMovesByItselfIsRefused() {
        assertThatThrownBy { runDispatcherTest(configure = { it.withTicker { 0 } }) { } }
            .isInstanceOf(IllegalArgumentException::class.java)
            .hasMessageContaining("MockTime")
        assertThatThrownBy { runDispatcherTest(timeout = Duration.ZERO) { } }
            .isInstanceOf(IllegalArgumentException::class.java)
    }

    @Test
    fun aTestMayRunInATest() {
        test {
            runDispatcherTest {
                delayed()
                log += "inner at $currentTime"
            }
            assertThat(currentTime).isZero()
        }
        assertThat(log).containsExactly("inner at 1000")
    }

    private suspend fun DispatcherTestScope.delayed() {
        val waiting = launch { delay(1000) }
        advance(1.seconds)
        assertThat(waiting.isCompleted).isTrue()
    }

    @Test
    fun theHandlerOfTheThreadIsPutBack() {
        val thread = Thread.currentThread()
        val before = thread.uncaughtExceptionHandler
        test { assertThat(thread.uncaughtExceptionHandler).isNotSameAs(before) }
        assertThat(thread.uncaughtExceptionHandler).isSameAs(before)
    }
}
