package dev.reveille.kotlin

import dev.reveille.Complete
import dev.reveille.Context
import dev.reveille.Pollable
import dev.reveille.StopSource
import dev.reveille.StopToken
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.io.IOException
import java.lang.ref.WeakReference
import java.util.concurrent.CountDownLatch
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread

class JobTest {
    private val loop = TestLoop()

    // ------------------------------------------------------------------ asPollable

    @Test
    fun thePollIsReadyWhenTheJobAndItsChildrenHaveEnded() {
        val job: CompletableJob = Job()
        val child = Job(job)
        val handle = loop.dispatcher.spawn(job.asPollable())
        job.complete()
        loop.runUntilStalled()
        assertThat(handle.isDone).isFalse()
        child.complete()
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo(Unit)
    }

    @Test
    fun aFailedOrCancelledJobFailsThePoll() {
        val failed = Job().also { it.completeExceptionally(IOException("broken")) }
        val cancelled = Job().also { it.cancel(CancellationException("no more")) }
        val handles = listOf(failed, cancelled).map { loop.dispatcher.spawn(it.asPollable()) }
        handles.forEach { it.toCompletableFuture() }
        loop.runUntilStalled()
        assertThat(handles.map { it.failure().message }).containsExactly("broken", "no more")
    }

    @Test
    fun givingUpLeavesTheJobAloneAndTakesTheHandlerOff() {
        val job = CountingJob(Job())
        repeat(100) {
            val handle = loop.dispatcher.spawn(job.asPollable())
            loop.runUntilStalled()
            assertThat(job.handlers.get()).isEqualTo(1)
            handle.cancel()
            loop.runUntilStalled()
            assertThat(job.handlers.get()).isZero()
        }
        assertThat(job.isActive).isTrue()
    }

    @Test
    fun thePollStartsALazyJob() {
        val job = loop.scope.launch(start = CoroutineStart.LAZY) { loop.log += "started" }
        val handle = loop.dispatcher.spawn(job.asPollable())
        loop.runUntilStalled()
        assertThat(handle.isDone).isTrue()
        assertThat(loop.log).containsExactly("started")
    }

    // ------------------------------------------------------------------ asStopToken

    private fun spawnUnder(token: StopToken) = loop.dispatcher.spawnUnder(
        token,
        "task",
        Pollable<Complete> { cx: Context -> cx.stopToken().pollStopped(cx) },
    )

    @Test
    fun aCancelledJobStopsTheTasksUnderItsToken() {
        val job = Job()
        val token = job.asStopToken()
        val handle = spawnUnder(token)
        loop.runUntilStalled()
        assertThat(token.isStopped).isFalse()
        thread { job.cancel() }.join()
        assertThat(token.isStopped).isTrue()
        loop.runUntilStalled()
        assertThat(handle.isDone).isTrue()
    }

    @Test
    fun theStopComesWithTheCancellationNotAfterTheEnd() {
        val job =
            loop.scope.launch {
                try {
                    awaitCancellation()
                } finally {
                    withContext(NonCancellable) { Gate<Unit>().await() }
                }
            }
        loop.runUntilStalled()
        val token = job.asStopToken()
        job.cancel()
        loop.runUntilStalled()
        assertThat(job.isCompleted).isFalse()
        assertThat(token.isStopped).isTrue()
    }

    @Test
    fun aJobThatHasEndedOrEndsStopsToo() {
        val job = Job()
        val token = job.asStopToken()
        job.complete()
        assertThat(token.isStopped).isTrue()
        assertThat(job.asStopToken().isStopped).isTrue()
        assertThat(Job().also { it.cancel() }.asStopToken().isStopped).isTrue()
        assertThat(NonCancellable.asStopToken().isStopped).isFalse()
    }

    @Test
    fun theTokenKeepsNeitherTheJobFromEndingNorIsItAChild() {
        val job = Job()
        val token = job.asStopToken()
        assertThat(job.children.toList()).isEmpty()
        job.complete()
        assertThat(job.isCompleted).isTrue()
        assertThat(token.isStopped).isTrue()
    }

    @Test
    fun aLongLivedJobDoesNotKeepATokenThatNobodyHolds() {
        val job = SupervisorJob()
        val dropped = WeakReference(job.asStopToken())
        val kept = job.asStopToken()
        val deadline = System.nanoTime() + SECONDS.toNanos(10)
        while (dropped.get() != null && System.nanoTime() < deadline) {
            System.gc()
        }
        assertThat(dropped.get()).isNull()
        job.cancel()
        assertThat(kept.isStopped).isTrue()
    }

    @Test
    fun aTokenThatIsMadeWhileTheJobIsCancelledIsStopped() {
        repeat(2000) {
            val job = Job()
            val start = CyclicBarrier(2)
            val canceller =
                if (it % 100 == 0) {
                    thread {
                        start.await(10, SECONDS)
                        job.cancel()
                    }.also { start.await(10, SECONDS) }
                } else {
                    null
                }
            val token = job.asStopToken()
            if (canceller == null) job.cancel() else canceller.join()
            assertThat(token.isStopped).isTrue()
        }
    }

    @Test
    fun noCodeOfATaskRunsInTheThreadThatCancels() {
        val job = Job()
        val polled = CountDownLatch(2)
        val handle =
            loop.dispatcher.spawnUnder(
                StopSource.childOf(job.asStopToken()).token(),
                "task",
                Pollable<Complete> { cx: Context ->
                    polled.countDown()
                    check(loop.dispatcher.onLoop())
                    cx.stopToken().pollStopped(cx)
                },
            )
        loop.runUntilStalled()
        job.cancel()
        assertThat(polled.count).isEqualTo(1)
        loop.runUntilStalled()
        assertThat(handle.isDone).isTrue()
    }
}
