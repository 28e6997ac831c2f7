package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.DispatcherOptions
import dev.reveille.RunOutcome
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.Continuation
import kotlin.coroutines.resume
import kotlin.coroutines.startCoroutine

class ShutdownTest {
    private val loop = TestLoop()

    private fun Job.awaitEnd() = runBlocking { withTimeout(10_000) { join() } }

    private fun logEnd(failure: Throwable?) {
        val thread = Thread.currentThread().name.substringBefore('-')
        loop.log += "${failure?.javaClass?.simpleName} '${failure?.message}' on $thread"
    }

    private suspend fun logged(body: suspend () -> Unit) {
        try {
            body()
            logEnd(null)
        } catch (failure: Throwable) {
            logEnd(failure)
            throw failure
        }
    }

    private val rejected = "CancellationException 'The task was rejected' on DefaultDispatcher"

    @Test
    fun aCoroutineLaunchedAfterTheCloseIsCancelledAndNotRun() {
        loop.dispatcher.close()
        val job = loop.scope.launch { loop.log += "ran" }
        job.awaitEnd()

        assertThat(job.isCancelled).isTrue()
        assertThat(loop.log).isEmpty()
    }

    @OptIn(ExperimentalCoroutinesApi::class, DelicateCoroutinesApi::class)
    @Test
    fun anAtomicStartAfterTheCloseRunsElsewhereWithACancelledJob() {
        loop.dispatcher.close()
        val job =
            loop.scope.launch(start = CoroutineStart.ATOMIC) {
                loop.log += "active=$isActive onLoop=${loop.dispatcher.onLoop()}"
            }
        job.awaitEnd()
        assertThat(loop.log).containsExactly("active=false onLoop=false")
    }

    @Test
    fun withContextOnAClosedDispatcherThrowsCancellation() {
        loop.dispatcher.close()
        assertThatThrownBy { runBlocking { withContext(loop.coroutines) { loop.log += "ran" } } }
            .isInstanceOf(CancellationException::class.java)
            .hasMessage("The task was rejected")
        assertThat(loop.log).isEmpty()
    }

    @Test
    fun aResumptionAfterTheCloseRunsFinallyElsewhere() {
        lateinit var suspended: Continuation<Unit>
        val job = loop.scope.launch { logged { suspendCancellableCoroutine { suspended = it } } }
        loop.runUntilStalled()
        loop.dispatcher.close()
        assertThat(job.isActive).isTrue() // dispatchers know nothing of coroutines that nobody resumes

        suspended.resume(Unit)
        job.awaitEnd()
        assertThat(job.isCancelled).isTrue()
        assertThat(loop.log).containsExactly(rejected)
    }

    @Test
    fun aQueuedSegmentAtTheCloseIsGivenBackAndRunsFinallyElsewhere() {
        val queued = loop.scope.launch { loop.log += "ran" }
        val yielding = loop.scope.launch { logged { yield() } }
        loop.dispatcher.runUntilStalled(2) // both have begun now, the second waits in the queue again
        loop.log.clear()
        loop.dispatcher.close()
        queued.awaitEnd()
        yielding.awaitEnd()

        assertThat(queued.isCancelled).isFalse()
        assertThat(yielding.isCancelled).isTrue()
        assertThat(loop.log).containsExactly(rejected)
    }

    @Test
    fun aCoroutineThatWasQueuedAndNeverBegunIsCancelled() {
        val job = loop.scope.launch { loop.log += "ran" }
        val unstarted = loop.dispatcher.shutdownNow()
        job.awaitEnd()

        assertThat(job.isCancelled).isTrue()
        assertThat(unstarted.runnables()).isEmpty()
        assertThat(loop.log).isEmpty()
    }

    @Test
    fun aDelayAtTheCloseIsCancelled() {
        val job = loop.scope.launch { logged { delay(1000) } }
        loop.runUntilStalled()
        loop.dispatcher.close()
        job.awaitEnd()

        assertThat(job.isCancelled).isTrue()
        assertThat(loop.log).containsExactly(rejected)
    }

    @Test
    fun aTimeOutAtTheCloseCancelsItsBlock() {
        val job = loop.scope.launch { logged { withTimeout(1000) { Channel<Int>().receive() } } }
        loop.runUntilStalled()
        loop.dispatcher.close()
        job.awaitEnd()

        assertThat(job.isCancelled).isTrue()
        assertThat(loop.log).containsExactly(rejected)
    }

    @Test
    fun theDelayOfACoroutineWithoutAJobWaitsElsewhereAndIsNotEarly() {
        val dispatcher = BasicDispatcher()
        val ends = LinkedBlockingQueue<Long>()
        val body: suspend () -> Unit = {
            val before = System.nanoTime()
            delay(50)
            ends += System.nanoTime() - before
        }
        body.startCoroutine(Continuation(dispatcher.asCoroutineDispatcher()) { it.getOrThrow() })
        dispatcher.runUntilStalled()
        dispatcher.close() // with the delay armed
        assertThat(ends.poll(10, SECONDS)).isGreaterThanOrEqualTo(50_000_000)

        body.startCoroutine(Continuation(dispatcher.asCoroutineDispatcher()) { it.getOrThrow() }) // refused
        assertThat(ends.poll(10, SECONDS)).isGreaterThanOrEqualTo(50_000_000)
    }

    @Test
    fun awaitAtTheCloseIsCancelled() {
        val owned = Gate<String>()
        val jobs =
            listOf(
                loop.scope.launch { logged { Gate<String>().await() } },
                loop.scope.launch { logged { owned.consume() } },
                loop.scope.launch { withContext(NonCancellable) { logged { Gate<String>().await() } } },
            )
        loop.runUntilStalled()
        loop.dispatcher.close()
        jobs.forEach { it.awaitEnd() }

        assertThat(owned.cancels).isEqualTo(1)
        assertThat(loop.log).hasSize(3).allMatch { it.endsWith("on DefaultDispatcher") && it.contains("Cancellation") }
    }

    @Test
    fun anAwaitWhoseTaskWasNeverPolledIsCancelledAtTheClose() {
        val source = Gate<String>()
        val fromOutside =
            CoroutineScope(Dispatchers.Unconfined).launch { logged { source.consume(on = loop.dispatcher) } }
        val unstarted = loop.dispatcher.shutdownNow()
        fromOutside.awaitEnd()

        assertThat(unstarted.tasks()).hasSize(1)
        assertThat(fromOutside.isCancelled).isTrue()
        assertThat(source.polls).isZero()
        assertThat(source.cancels).isEqualTo(1)
    }

    @Test
    fun aCoroutineTaskAtTheCloseRunsFinallyElsewhere() {
        val ended = CountDownLatch(4)

        fun post(body: suspend CoroutineScope.() -> Unit) {
            val task =
                coroutineTask {
                    coroutineContext[Job]!!.invokeOnCompletion { ended.countDown() }
                    body()
                }
            loop.dispatcher.post(task)
        }
        post { logged { Gate<String>().await() } }
        post { logged { delay(1000) } }
        post { logged { Channel<Int>().receive() } }
        post {
            launch { logged { delay(1000) } }
            launch { logged { yield() } }
        }
        loop.dispatcher.runUntilStalled(6)
        loop.dispatcher.close()
        assertThat(ended.await(10, SECONDS)).isTrue()
        assertThat(loop.log).hasSize(5).allMatch { it.endsWith("on DefaultDispatcher") && it.contains("Cancellation") }
        loop.assertNothingUncaught()
    }

    @Test
    fun whileDrainingCoroutinesGoOnAndTheLoopWaitsForTheirDelays() {
        loop.time.autoAdvance()
        val job =
            loop.scope.launch {
                loop.dispatcher.shutdown()
                delay(1000)
                withContext(Dispatchers.IO) { Thread.yield() }
                loop.log += "done at ${loop.now()}"
            }
        // The coroutine in withContext(IO) is no work of the loop: a guard keeps it.
        val guard = loop.dispatcher.workGuard()
        job.invokeOnCompletion { guard.close() }
        assertThat(loop.dispatcher.runToCompletion()).isEqualTo(RunOutcome.CLOSED)
        assertThat(loop.log).containsExactly("done at 1000")
        assertThatThrownBy { loop.dispatcher.post { } }.isInstanceOf(RejectedExecutionException::class.java)
    }

    @Test
    fun whatWasAcceptedBeforeTheCloseRunsOrIsCancelled() {
        repeat(20) {
            val dispatcher = BasicDispatcher(DispatcherOptions.defaults())
            val guard = dispatcher.workGuard()
            val driven = CountDownLatch(1)
            dispatcher.post { driven.countDown() }
            val driver = thread { dispatcher.run() }
            assertThat(driven.await(10, SECONDS)).isTrue()
            val finished = AtomicInteger()
            val scope = CoroutineScope(dispatcher.asCoroutineDispatcher() + SupervisorJob())
            val jobs =
                List(200) { n ->
                    scope.launch {
                        try {
                            when (n % 4) {
                                0 -> repeat(50) { yield() }
                                1 -> delay(n / 50L)
                                2 -> withContext(Dispatchers.Default) { Thread.yield() }
                                else -> Gate<String>().await()
                            }
                        } finally {
                            finished.incrementAndGet()
                        }
                    }
                }
            dispatcher.close()
            jobs.forEach { if (!it.isCompleted) it.awaitEnd() }
            driver.join()
            guard.close()
            assertThat(jobs).allMatch { it.isCompleted }
            assertThat(finished.get()).isLessThanOrEqualTo(200)
        }
    }
}
