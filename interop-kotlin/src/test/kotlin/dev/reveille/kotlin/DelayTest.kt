package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.RunOutcome
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.future.asCompletableFuture
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.time.Duration
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.nanoseconds

class DelayTest {
    private val loop = TestLoop()

    /** Each test of this class must do without other threads. */
    private val threadsBefore: Set<Thread> = Thread.getAllStackTraces().keys

    private fun assertNoNewCoroutineThread() {
        val news = Thread.getAllStackTraces().keys - threadsBefore
        assertThat(
            news.map {
                it.name
            }.filter { it.startsWith("kotlinx") || it.startsWith("DefaultDispatcher") },
        ).isEmpty()
    }

    /** Runs [body] in an ordinary coroutine or in the main flow of a coroutine task. */
    private fun start(asTask: Boolean, body: suspend CoroutineScope.() -> Unit) {
        if (asTask) loop.dispatcher.post(coroutineTask("timed", block = body)) else loop.scope.launch(block = body)
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun delayFollowsTheClockOfTheDispatcher(asTask: Boolean) {
        start(asTask) {
            repeat(3) {
                delay(1.hours)
                loop.log += "${loop.now()}"
            }
        }
        loop.advance(3_599_999)
        assertThat(loop.log).isEmpty()
        loop.advance(1)
        assertThat(loop.log).containsExactly("3600000")
        loop.advance(7_200_000)

        assertThat(loop.log).containsExactly("3600000", "7200000", "10800000")
        assertNoNewCoroutineThread()
        loop.assertNothingUncaught()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun withTimeoutFollowsTheClockOfTheDispatcher(asTask: Boolean) {
        start(asTask) {
            try {
                withTimeout(1000) { awaitCancellation() }
            } catch (_: TimeoutCancellationException) {
                loop.log += "timed out at ${loop.now()}"
            }
            loop.log += "${withTimeoutOrNull(500) { delay(499) }}"
            loop.log += "${withTimeoutOrNull(500) { delay(501) }}"
        }
        loop.advance(999)
        assertThat(loop.log).isEmpty()
        loop.advance(10_000)

        assertThat(loop.log).containsExactly("timed out at 1000", "kotlin.Unit", "null")
        assertThat(loop.dispatcher.snapshot().timedCallbacks()).isZero()
        assertNoNewCoroutineThread()
        loop.assertNothingUncaught()
    }

    @OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun selectOnTimeoutFollowsTheClockOfTheDispatcher(asTask: Boolean) {
        val channel = Channel<String>()
        start(asTask) {
            repeat(2) {
                loop.log +=
                    select<String> {
                        channel.onReceive { it }
                        onTimeout(1000) { "timeout at ${loop.now()}" }
                    }
            }
        }
        loop.advance(1500)
        channel.trySend("value")
        loop.advance(10_000)

        assertThat(loop.log).containsExactly("timeout at 1000", "value")
        assertThat(loop.dispatcher.snapshot().timedCallbacks()).isZero()
        assertNoNewCoroutineThread()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aCancelledDelayIsGoneAtOnceAndKeepsNobodyRunning(asTask: Boolean) {
        lateinit var job: Job
        start(asTask) {
            job =
                launch {
                    try {
                        delay(1.hours)
                    } finally {
                        loop.log += "cancelled at ${loop.now()}"
                    }
                }
        }
        loop.advance(10)
        thread { job.cancel() }.join()

        assertThat(loop.dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE)
        assertThat(loop.log).containsExactly("cancelled at 10")
        assertThat(loop.dispatcher.snapshot().timedCallbacks()).isZero()
    }

    @Test
    fun delaysAreWorkOfTheDispatcher() {
        loop.time.autoAdvance()
        loop.scope.launch {
            delay(1.hours)
            loop.log += "done"
        }
        assertThat(loop.dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE)
        assertThat(loop.log).containsExactly("done")
    }

    @Test
    fun hugeDelaysClampToNever() {
        val forever = loop.scope.launch { delay(Long.MAX_VALUE / 2) }
        val almost = loop.scope.launch { delay(Long.MAX_VALUE / 1_000_000 - 1) }
        loop.advance(1000L * 60 * 60 * 24 * 365)
        assertThat(forever.isActive && almost.isActive).isTrue()

        forever.cancel()
        almost.cancel()
        assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE)
    }

    @Test
    fun delaysBelowAMillisecondAreRoundedUp() {
        loop.scope.launch {
            delay(1.nanoseconds)
            loop.log += "${loop.time.read()}"
        }
        loop.time.advance(Duration.ofMillis(5))
        assertThat(loop.log).containsExactly("1000000")
    }

    @Test
    fun equalDeadlinesResumeInTheOrderOfTheirArming() {
        repeat(10) { n ->
            loop.scope.launch {
                delay(100)
                loop.log += "$n"
            }
        }
        loop.advance(100)
        assertThat(loop.log).containsExactlyElementsOf((0..9).map { "$it" })
    }

    @Test
    fun neverEarlyOnTheRealClock() {
        val dispatcher = BasicDispatcher()
        val early = mutableListOf<Long>()
        val scope = CoroutineScope(dispatcher.asCoroutineDispatcher())
        for (n in 1..20) {
            scope.launch {
                repeat(5) {
                    val before = System.nanoTime()
                    delay(n.toLong())
                    val rest = n * 1_000_000L - (System.nanoTime() - before)
                    if (rest > 0) early += rest
                }
            }
        }
        dispatcher.post(
            coroutineTask {
                repeat(20) {
                    val before = System.nanoTime()
                    delay(3)
                    val rest = 3_000_000L - (System.nanoTime() - before)
                    if (rest > 0) early += rest
                }
            },
        )
        assertThat(dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE)
        assertThat(early).isEmpty()
    }

    @Test
    fun aDelayMayBeCancelledByAnyThreadWhileItFires() {
        var begun = 0
        var ended = 0
        repeat(300) { round ->
            val body: suspend CoroutineScope.() -> Unit = {
                begun++
                try {
                    delay(1)
                } finally {
                    ended++
                }
            }
            val ordinary = loop.scope.async(block = body)
            val handle = loop.dispatcher.spawn(coroutineTask(block = body))
            loop.runUntilStalled()
            loop.advanceAgainst(Duration.ofMillis(1)) {
                if (round % 2 == 0) ordinary.cancel()
                handle.cancel()
                ordinary.cancel()
            }
            loop.runUntilStalled()
            ordinary.asCompletableFuture().exceptionally { }.get(10, SECONDS)
            handle.toCompletableFuture().exceptionally { null }.get(10, SECONDS)
        }
        assertThat(begun).isEqualTo(600)
        assertThat(ended).isEqualTo(begun)
        assertThat(loop.dispatcher.snapshot().timedCallbacks()).isZero()
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun delayAfterComingBackFromAnotherDispatcher() {
        val dispatcher = BasicDispatcher()
        val guard = dispatcher.workGuard()
        CoroutineScope(dispatcher.asCoroutineDispatcher()).launch {
            withContext(Dispatchers.IO) { loop.log += "io" }
            delay(2)
            loop.log += "onLoop=${dispatcher.onLoop()}"
            guard.close()
        }
        dispatcher.runToCompletion()
        assertThat(loop.log).containsExactly("io", "onLoop=true")
    }
}
