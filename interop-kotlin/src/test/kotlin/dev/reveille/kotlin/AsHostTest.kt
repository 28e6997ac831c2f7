package dev.reveille.kotlin

import dev.reveille.Poll
import dev.reveille.contract.Rig
import dev.reveille.spi.HostedDispatcher
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Delay
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicReference
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume

class AsHostTest {
    private val loop = TestLoop("outer")

    @Test
    fun oneLoopLivesOnAnother() {
        val inner = HostedDispatcher.on(loop.coroutines.asHost(), optionsOn(loop))
        val task = inner.spawn("a task") { Poll.ready(loop.dispatcher.onLoop() && inner.onLoop()) }
        CoroutineScope(inner.asCoroutineDispatcher()).async {
            delay(10)
            loop.log += "inner at ${loop.now()}"
        }
        loop.runUntilStalled()
        assertThat(task.toCompletableFuture().get(10, SECONDS)).isTrue()
        loop.advance(10)
        assertThat(loop.log).containsExactly("inner at 10")
    }

    private fun optionsOn(loop: TestLoop) =
        dev.reveille.DispatcherOptions.defaults().withName("inner").withTicker { loop.time.read() }

    @Test
    fun timersAreNeverEarlyAndWakeUpsAreReplaced() {
        val inner = HostedDispatcher.on(loop.coroutines.asHost(), optionsOn(loop))
        inner.postAfter(Duration.ofNanos(1_500_000)) { loop.log += "later at ${loop.now()}" }
        inner.postAfter(Duration.ofNanos(1)) { loop.log += "sooner at ${loop.now()}" }
        loop.runUntilStalled()
        loop.advance(1)
        assertThat(loop.log).containsExactly("sooner at 1")
        loop.advance(1)
        assertThat(loop.log).containsExactly("sooner at 1", "later at 2")
    }

    @Test
    fun aDispatcherThatRunsInPlaceIsRefused() {
        assertThatThrownBy { HostedDispatcher.on(Dispatchers.Unconfined.asHost()) }
            .isInstanceOf(UnsupportedOperationException::class.java)
    }

    @Test
    fun whenTheDispatcherIsClosedTheHostedOneIsClosedAtItsNextNeed() {
        val executor = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
        val told = AtomicReference<Throwable>()
        val gone = CountDownLatch(1)
        val inner =
            HostedDispatcher.on(
                executor.asHost(),
                dev.reveille.DispatcherOptions.defaults().withUncaughtHandler { _, _, failure ->
                    told.set(failure)
                    gone.countDown()
                },
            )
        inner.spawn("first") { Poll.ready(1) }.toCompletableFuture().get(10, SECONDS)
        Rig.awaitState("asleep") { inner.snapshot().asleep() } // no drain is asked for any more
        executor.close()
        inner.post { loop.log += "ran" }
        assertThat(gone.await(10, SECONDS)).isTrue()
        assertThat(told.get()).isInstanceOf(RejectedExecutionException::class.java)
        assertThat(inner.awaitClosed(Duration.ofSeconds(10))).isTrue()
        assertThat(loop.log).isEmpty()
    }

    @Test
    fun aTimerThatIsDueAfterTheCloseClosesTheHostedOne() {
        val pool = Executors.newFixedThreadPool(1)
        val inner =
            HostedDispatcher.on(
                pool.asCoroutineDispatcher().asHost(),
                dev.reveille.DispatcherOptions.defaults().withUncaughtHandler { _, _, _ -> },
            )
        val waiting = CoroutineScope(inner.asCoroutineDispatcher()).launch { delay(50) }
        Rig.awaitState("asleep") { inner.snapshot().asleep() }
        pool.shutdown()
        assertThat(inner.awaitClosed(Duration.ofSeconds(10))).isTrue()
        runBlocking { withTimeout(10_000) { waiting.join() } }
    }

    @Test
    fun coroutinesOfAHostedDispatcherOnAPool() {
        val inner = HostedDispatcher.on(Dispatchers.Default.asHost())
        runBlocking {
            val threads =
                withContext(inner.asCoroutineDispatcher()) {
                    List(10) {
                        delay(1)
                        assertThat(inner.onLoop()).isTrue()
                        Thread.currentThread().name.substringBefore('-')
                    }
                }
            assertThat(threads).containsOnly("DefaultDispatcher")
        }
        inner.close()
    }

    /** As on a machine that stands still between the arming of a delay and its suspension. */
    @Test
    fun aDelayThatIsOverBeforeItSuspendsIsNoDrainInPlace() {
        val pool = Executors.newSingleThreadExecutor()
        val told = AtomicReference<Throwable>()
        val inner =
            HostedDispatcher.on(
                OverAtOnce(pool).asHost(),
                dev.reveille.DispatcherOptions.defaults().withUncaughtHandler { _, _, failure -> told.set(failure) },
            )
        val fired = CountDownLatch(1)
        inner.postAfter(Duration.ofMillis(20)) { fired.countDown() }
        Rig.await(fired)
        inner.close()
        pool.shutdown()
        assertThat(told.get()).isNull()
    }

    @OptIn(InternalCoroutinesApi::class)
    private class OverAtOnce(private val pool: Executor) :
        CoroutineDispatcher(),
        Delay {
        override fun dispatch(context: CoroutineContext, block: Runnable) = pool.execute(block)

        override fun scheduleResumeAfterDelay(timeMillis: Long, continuation: CancellableContinuation<Unit>) =
            continuation.resume(Unit)
    }
}
