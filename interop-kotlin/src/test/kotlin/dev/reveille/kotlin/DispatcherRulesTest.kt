@file:OptIn(DelicateCoroutinesApi::class, ExperimentalCoroutinesApi::class, InternalCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Delay
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.asExecutor
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatCode
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.lang.ref.WeakReference
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.EmptyCoroutineContext

/** The rules that a dispatcher of coroutines has to obey, one after the other; many have more tests elsewhere. */
class DispatcherRulesTest {
    private val loop = TestLoop()
    private val delay: Delay = loop.coroutines

    private fun dispatch(block: () -> Unit): Unit =
        loop.coroutines.dispatch(EmptyCoroutineContext, Runnable { block() })

    private fun sources(): Map<String, String> = Files.walk(Path.of("src/main/kotlin")).use { files ->
        files.filter { it.toString().endsWith(".kt") }.toList().associate { "${it.fileName}" to Files.readString(it) }
    }

    @Test
    fun rule1DispatchNeverThrowsAndDropsNothingAlsoWhileTheLoopIsClosed() {
        repeat(20) {
            val dispatcher = BasicDispatcher()
            val guard = dispatcher.workGuard()
            val driver = thread { dispatcher.run() }
            val ran = CountDownLatch(2 * 500)
            val threads =
                List(2) {
                    thread {
                        repeat(500) {
                            dispatcher.asCoroutineDispatcher().dispatch(EmptyCoroutineContext, Runnable(ran::countDown))
                        }
                    }
                }
            dispatcher.close()
            threads.forEach { it.join() }
            driver.join()
            guard.close()
            assertThat(ran.await(10, SECONDS)).describedAs("%d are left", ran.count).isTrue()
        }
    }

    @Test
    fun rule2AfterTheCloseTheJobIsCancelledAndTheBlockRunsElsewhere() {
        loop.dispatcher.close()
        val job =
            loop.scope.launch(start = CoroutineStart.ATOMIC) {
                try {
                    delay(1)
                } catch (e: CancellationException) {
                    loop.log += "${e.message}"
                } finally {
                    loop.log += Thread.currentThread().name.substringBeforeLast("-worker")
                }
            }
        runBlocking { job.join() }
        assertThat(job.isCancelled).isTrue()
        assertThat(loop.log).containsExactly("The task was rejected", "DefaultDispatcher")
    }

    @Test
    fun rule3ABlockNeverRunsInPlace() {
        dispatch {
            dispatch { loop.log += "inner" }
            loop.log += "outer"
        }
        assertThat(loop.log).isEmpty()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("outer", "inner")
    }

    @Test
    fun rule4BothFunctionsOfDelayAreOnTheClockOfTheDispatcher() {
        for (millis in listOf(-5L, 0L, 100L, Long.MAX_VALUE)) {
            delay.invokeOnTimeout(millis, { loop.log += "timeout $millis at ${loop.now()}" }, EmptyCoroutineContext)
            loop.scope.launch {
                suspendCancellableCoroutine { delay.scheduleResumeAfterDelay(millis, it) }
                loop.log += "delay $millis at ${loop.now()}"
            }
        }
        loop.advance(1_000_000_000)
        assertThat(loop.log).containsExactlyInAnyOrder(
            "timeout -5 at 0",
            "delay -5 at 0",
            "timeout 0 at 0",
            "delay 0 at 0",
            "timeout 100 at 100",
            "delay 100 at 100",
        )
        assertThat(loop.dispatcher.snapshot().timedCallbacks()).isEqualTo(2) // those that never come
    }

    @Test
    fun rule5TheEndOfADelayCostsOneTurn() {
        loop.scope.launch {
            delay(10)
            loop.log += "resumed"
        }
        loop.runUntilStalled()
        val before = loop.coroutines.resumptions
        loop.advance(10)
        assertThat(loop.log).containsExactly("resumed")
        assertThat(loop.coroutines.resumptions).isEqualTo(before + 1)
    }

    @Test
    fun rule6ADelayMayBeDisposedByAnyThreadWhileItFires() {
        val dispatcher = BasicDispatcher()
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.run() }
        val fired = AtomicInteger()
        runBlocking {
            repeat(300) {
                val jobs = List(3) { n -> launch(dispatcher.asCoroutineDispatcher()) { delay(n.toLong()) } }
                val handle =
                    dispatcher
                        .asCoroutineDispatcher()
                        .invokeOnTimeout(1, { fired.incrementAndGet() }, EmptyCoroutineContext)
                val disposers = List(2) { thread { repeat(3) { handle.dispose() } } }
                jobs[2].cancel()
                jobs.joinAll()
                disposers.forEach { it.join() }
            }
        }
        guard.close()
        dispatcher.runToEnd(driver)
        assertThat(fired.get()).isLessThanOrEqualTo(300)
        assertThat(dispatcher.snapshot().timedCallbacks()).isZero()
    }

    private fun BasicDispatcher.runToEnd(driver: Thread) {
        shutdown()
        driver.join(10_000)
        assertThat(driver.isAlive).isFalse()
    }

    @Test
    fun rule6WhatWasDisposedKeepsNothingAlive() {
        fun armAndDispose(onLoop: Boolean): WeakReference<Any> {
            val big = ByteArray(1024)
            val handle = delay.invokeOnTimeout(1_000, { loop.log += "${big.size}" }, EmptyCoroutineContext)
            loop.runUntilStalled() // it is armed
            if (onLoop) loop.dispatcher.post(handle::dispose) else thread { handle.dispose() }.join()
            loop.runUntilStalled()
            return WeakReference(big)
        }
        for (reference in listOf(armAndDispose(true), armAndDispose(false))) {
            var tries = 0
            while (reference.get() != null && tries++ < 100) System.gc()
            assertThat(reference.get()).isNull()
        }
    }

    @Test
    fun rule7ItDoesNotAskTheJob() {
        val cancelled = Job().apply { cancel() }
        assertThat(loop.coroutines.isDispatchNeeded(cancelled)).isTrue()
        loop.coroutines.dispatch(cancelled, Runnable { loop.log += "ran" })
        assertThat(loop.log).isEmpty()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("ran")
    }

    @Test
    fun rule8LimitedParallelismCostsNoTurns() {
        val limited = loop.coroutines.limitedParallelism(1)
        repeat(100) { loop.scope.launch(limited) { loop.log += "$it" } }
        loop.runUntilStalled()
        assertThat(loop.log).hasSize(100)
        assertThat(loop.dispatcher.lastRunSteps()).isEqualTo(100)
    }

    @Test
    fun rule9OnlyTheImmediateViewResumesInPlace() {
        val immediate = loop.coroutines.immediate
        dispatch {
            assertThat(loop.coroutines.isDispatchNeeded(EmptyCoroutineContext)).isTrue()
            assertThat(immediate.isDispatchNeeded(EmptyCoroutineContext)).isFalse()
            loop.scope.launch(immediate) {
                loop.log += "in place"
                yield()
                loop.log += "after yield"
            }
            dispatch { loop.log += "queued" }
        }
        assertThat(immediate.isDispatchNeeded(EmptyCoroutineContext)).isTrue() // not on the loop
        assertThat(immediate).isNotEqualTo(loop.coroutines)
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("in place", "after yield", "queued")
    }

    @Test
    fun rule10ARunnableThatThrowsHurtsNobody() {
        loop.coroutines.asExecutor().execute { throw IllegalStateException("stray") }
        dispatch { loop.log += "next" }
        assertThatCode { loop.runUntilStalled() }.doesNotThrowAnyException()
        assertThat(loop.log).containsExactly("next")
        assertThat(loop.uncaught.single()).hasMessage("stray")
    }

    @Test
    fun rule11InternalApiIsUsedInOneFile() {
        assertThat(sources().filterValues { "InternalCoroutinesApi" in it }.keys)
            .containsExactly("ReveilleDispatcher.kt")
    }

    @Test
    fun rule12RunTestTakesDispatchersOfItsOwnOnly() {
        assertThatThrownBy { runTest(loop.coroutines) { } }.isInstanceOf(IllegalArgumentException::class.java)
        runTest {
            val result = async(loop.coroutines) { delay(1_000).let { loop.now() } }
            loop.advance(1_000) // our clock, which is not that of the scope
            assertThat(result.await()).isEqualTo(1_000)
            assertThat(testScheduler.currentTime).isZero()
        }
    }

    @Test
    fun rule13AwaitLeavesTheSourceAloneAndConsumeCancelsIt() {
        val shared = Gate<String>()
        val owned = Gate<String>()
        val jobs = listOf(loop.scope.launch { shared.await() }, loop.scope.launch { owned.consume() })
        loop.runUntilStalled()
        jobs.forEach { it.cancel() }
        loop.runUntilStalled()
        assertThat(shared.cancels).isZero()
        assertThat(owned.cancels).isEqualTo(1)
    }

    @Test
    fun rule14NothingIsBuiltOnTheEventLoopOfKotlinx() {
        assertThat(sources()).hasSizeGreaterThan(10)
        assertThat(sources().filterValues { "processNextEvent" in it || "EventLoop" in it }).isEmpty()
    }

    @Test
    fun segmentsGoIntoTheFifoAsTheyAre() {
        val scope = CoroutineScope(loop.coroutines)
        scope.launch { withTimeout(1_000) { awaitCancellation() } }
        repeat(3) { scope.launch { Pollable { _: Context -> Poll.ready("at once") }.await() } }
        loop.runUntilStalled()
        assertThat(loop.dispatcher.lastRunSteps()).isEqualTo(4) // no await made a turn of its own
    }
}
