package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.RunOutcome
import dev.reveille.Timer
import dev.reveille.contract.Rig
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.future.asCompletableFuture
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.coroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

class SleepTest {
    private val loop = TestLoop()

    private fun start(asTask: Boolean, body: suspend CoroutineScope.() -> Unit) {
        if (asTask) loop.dispatcher.post(coroutineTask("sleeper", block = body)) else loop.scope.launch(block = body)
    }

    private fun advanceNanos(nanos: Long): Unit = loop.time.advance(java.time.Duration.ofNanos(nanos))

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun itWaitsForNanoseconds(asTask: Boolean) {
        start(asTask) {
            repeat(3) {
                sleep(7.nanoseconds)
                loop.log += "${loop.time.read()}"
            }
        }
        loop.runUntilStalled()
        advanceNanos(6)
        assertThat(loop.log).isEmpty()
        advanceNanos(1)
        assertThat(loop.log).containsExactly("7")
        advanceNanos(100)
        assertThat(loop.log).containsExactly("7", "14", "21")
        loop.assertNothingUncaught()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun itIsOrderedWithAllTimersByDeadlineAndArming(asTask: Boolean) {
        loop.dispatcher.postAfter(java.time.Duration.ofMillis(2)) { loop.log += "callback" }
        start(asTask) {
            sleep(2.milliseconds)
            loop.log += "sleep"
        }
        start(asTask) {
            delay(2)
            loop.log += "delay"
        }
        start(asTask) {
            Timer(loop.dispatcher).apply { reset(java.time.Duration.ofMillis(2)) }.await()
            loop.log += "timer"
        }
        start(asTask) {
            sleep(1999.microseconds)
            loop.log += "shorter sleep"
        }
        loop.advance(10)
        assertThat(loop.log).containsExactly("shorter sleep", "callback", "sleep", "delay", "timer")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun zeroAndLessDoNotWait(asTask: Boolean) {
        start(asTask) {
            sleep(Duration.ZERO)
            sleep((-1).hours)
            sleep(-Duration.INFINITE)
            loop.dispatcher.sleep(Duration.ZERO)
            loop.log += "at ${loop.now()}"
        }
        assertThat(loop.dispatcher.runUntilStalled()).isEqualTo(RunOutcome.IDLE)
        assertThat(loop.log).containsExactly("at 0")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aCancelledCoroutineDoesNotGetPastItAlsoWithZero(asTask: Boolean) {
        start(asTask) {
            coroutineContext[Job]!!.cancel()
            for (duration in listOf(Duration.ZERO, 1.nanoseconds, Duration.INFINITE)) {
                try {
                    sleep(duration)
                    loop.log += "slept"
                } catch (_: CancellationException) {
                    loop.log += "$duration"
                }
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("0s", "1ns", "Infinity")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun infiniteIsForEverAndStillWork(asTask: Boolean) {
        lateinit var sleeper: Job
        start(asTask) {
            coroutineScope { sleeper = launch { sleep(Duration.INFINITE) } }
            loop.log += "over"
        }
        start(asTask) {
            sleep(Long.MAX_VALUE.days)
            loop.log += "never"
        }
        loop.advance(1000L * 60 * 60 * 24 * 365)
        assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP)
        sleeper.cancel()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("over")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun cancellationEndsItAtOnceAndDisarmsTheTimer(asTask: Boolean) {
        lateinit var job: Job
        start(asTask) {
            job =
                launch {
                    try {
                        sleep(1.hours)
                    } finally {
                        loop.log += "cancelled at ${loop.now()}, active=$isActive"
                    }
                }
        }
        loop.advance(10)
        thread { job.cancel() }.join()
        assertThat(loop.dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE)
        assertThat(loop.log).containsExactly("cancelled at 10, active=false")
        assertThat(loop.dispatcher.snapshot().timedCallbacks()).isZero()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aTimeOutEndsIt(asTask: Boolean) {
        start(asTask) { loop.log += "${withTimeoutOrNull(5) { sleep(5.milliseconds + 1.nanoseconds) }}" }
        start(asTask) { loop.log += "${withTimeoutOrNull(5) { sleep(5.milliseconds - 1.nanoseconds) }}" }
        loop.advance(6)
        assertThat(loop.log).containsExactlyInAnyOrder("null", "kotlin.Unit")
    }

    @Test
    fun inTheMainFlowOfATaskItIsPolledByTheTask() {
        start(true) { sleep(1.seconds) }
        loop.runUntilStalled()
        assertThat(loop.dispatcher.snapshot().timedCallbacks()).isZero()
        assertThat(loop.tasks().single().name()).isEqualTo("sleeper")
        loop.advance(1000)
        assertThat(loop.tasks()).isEmpty()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun untilAMarkThePeriodDoesNotDrift(asTask: Boolean) {
        start(asTask) {
            var next = loop.dispatcher.timeSource.markNow()
            repeat(3) {
                next += 10.milliseconds
                loop.dispatcher.sleepUntil(next)
                loop.log += "${loop.now()}"
                sleep(3.milliseconds)
            }
            loop.dispatcher.sleepUntil(next) // passed
            loop.log += "end ${loop.now()}"
        }
        loop.advance(100)
        assertThat(loop.log).containsExactly("10", "20", "30", "end 33")
        loop.assertNothingUncaught()
    }

    @Test
    fun aMarkOfAnotherTimeSourceIsRefused() {
        val other = TestLoop().dispatcher.timeSource.markNow()
        start(false) { loop.dispatcher.sleepUntil(other) }
        loop.runUntilStalled()
        assertThat(loop.uncaught.single())
            .isInstanceOf(IllegalArgumentException::class.java)
            .hasMessageContaining("different time sources")
    }

    @Test
    fun onTheClockOfAnotherDispatcherItResumesOnItsOwn() {
        val other = TestLoop("other")
        loop.scope.launch {
            other.dispatcher.sleep(5.milliseconds)
            loop.log += "loop=${loop.dispatcher.onLoop()} other=${other.dispatcher.onLoop()} at ${other.now()}"
        }
        loop.runUntilStalled()
        loop.advance(100)
        other.runUntilStalled()
        assertThat(other.dispatcher.snapshot().timedCallbacks()).isEqualTo(1)
        other.advance(5)
        assertThat(loop.log).isEmpty()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("loop=true other=false at 5")
    }

    @Test
    fun onADispatcherFromACoroutineOfKotlinItsTimerIsThatDispatchers() {
        val dispatcher = BasicDispatcher()
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.run() }
        val thread =
            runBlocking {
                val mark = dispatcher.timeSource.markNow()
                dispatcher.sleep(1.milliseconds)
                assertThat(mark.elapsedNow()).isGreaterThanOrEqualTo(1.milliseconds)
                Thread.currentThread()
            }
        assertThat(thread).isSameAs(Thread.currentThread())
        guard.close()
        dispatcher.stop()
        driver.join()
    }

    @Test
    fun withoutADispatcherOfOursItSaysWhatToDo() {
        assertThatThrownBy { runBlocking { sleep(1.seconds) } }
            .isInstanceOf(IllegalStateException::class.java)
            .hasMessageContaining("use dispatcher.sleep(1s)")
    }

    @Test
    fun aClosedDispatcherRefusesTheCoroutinesOfOthers() {
        loop.dispatcher.close()
        assertThatThrownBy { runBlocking { loop.dispatcher.sleep(1.seconds) } }
            .isInstanceOf(RejectedExecutionException::class.java)
    }

    @Test
    fun theCloseOfADispatcherEndsTheSleepOfAnothersCoroutineAndNotItsJob() {
        val other = TestLoop("other")
        loop.scope.launch {
            try {
                other.dispatcher.sleep(1.seconds)
            } catch (cancelled: CancellationException) {
                loop.log += "${cancelled.message}, active=$isActive"
            }
        }
        loop.runUntilStalled()
        other.dispatcher.close()
        loop.runUntilStalled()
        assertThat(loop.log)
            .containsExactly("a coroutine was asleep when dispatcher 'other' was closed, active=true")
    }

    @Test
    fun theCloseOfItsDispatcherCancelsTheJobAsInADelay() {
        val job =
            loop.scope.launch {
                try {
                    sleep(1.seconds)
                } finally {
                    withContext(NonCancellable) { loop.log += "active=${this@launch.isActive}" }
                }
            }
        loop.runUntilStalled()
        loop.dispatcher.close()
        job.asCompletableFuture().exceptionally { }.get(10, SECONDS)
        assertThat(loop.log).containsExactly("active=false")
    }

    @Test
    fun neverEarlyOnTheRealClock() {
        val dispatcher = BasicDispatcher()
        val early = mutableListOf<Duration>()
        val body: suspend CoroutineScope.() -> Unit = {
            repeat(20) {
                val duration = (it * 37_001).nanoseconds
                val mark = dispatcher.timeSource.markNow()
                sleep(duration)
                if (mark.elapsedNow() < duration) early += mark.elapsedNow()
            }
        }
        CoroutineScope(dispatcher.asCoroutineDispatcher()).launch(block = body)
        dispatcher.post(coroutineTask(block = body))
        assertThat(dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE)
        assertThat(early).isEmpty()
    }

    @Test
    fun aSleepMayBeCancelledByAnyThreadWhileItFires() {
        val ended = AtomicInteger()
        repeat(300) {
            val foreign =
                CoroutineScope(Dispatchers.Default).async {
                    try {
                        loop.dispatcher.sleep(50.microseconds)
                    } finally {
                        ended.incrementAndGet()
                    }
                }
            Rig.awaitState("it sleeps") {
                loop.runUntilStalled()
                loop.dispatcher.snapshot().timedCallbacks() == 1
            }
            loop.advanceAgainst(java.time.Duration.ofNanos(50_000)) { foreign.cancel() }
            foreign.asCompletableFuture().exceptionally { }.get(10, SECONDS)
        }
        assertThat(ended.get()).isEqualTo(300)
        loop.runUntilStalled()
        assertThat(loop.dispatcher.snapshot().timedCallbacks()).isZero()
    }
}
