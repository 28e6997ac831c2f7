package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Operation
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.StopSource
import dev.reveille.Waker
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread

/** No end of a wait, whatever ends it and whatever fails meanwhile, leaves a coroutine hanging or breaks a promise. */
class CoroutineEndsTest {
    private val loop = TestLoop()
    private val gate = Gate<String>()
    private lateinit var self: Pollable<Unit>
    private val handler = CoroutineExceptionHandler { _, failure -> loop.uncaught += failure }

    // ------------------------------------------------------------------ given up

    @Test
    fun aCoroutineThatGivesItselfUpInALaterPollStillComesToItsEnd() {
        self =
            loop.dispatcher.pollable("worker") {
                delay(1)
                self.cancel()
                withContext(NonCancellable) {
                    loop.log += gate.await()
                    delay(1)
                    loop.log += "slept"
                    yieldNow()
                    loop.log += "yielded"
                }
            }
        loop.dispatcher.spawn(
            "parent",
            Pollable { cx -> if ((self as Operation).isFinished) Poll.ready(Unit) else cx.pollChild(self) },
        )
        loop.runUntilStalled()
        loop.advance(1)
        loop.runUntilStalled()
        gate.open("awaited")
        loop.runUntilStalled()
        loop.advance(1)
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("awaited", "slept", "yielded")
        loop.assertNothingUncaught()
    }

    /** As a [Task][dev.reveille.Task] whose cleanup fails does. */
    private class BadCancel : Pollable<Unit> {
        override fun poll(cx: Context): Poll<Unit> {
            cx.waker("for ever")
            return Poll.pending()
        }

        override fun cancel(): Unit = throw IllegalStateException("cancel")
    }

    @Test
    fun aPollableThatCanNotBeCancelledDoesNotHangTheFlowThatOwnsIt() {
        val job = Job()
        loop.dispatcher.post(
            coroutineTask("worker", job + handler) {
                try {
                    withTimeout(10) { BadCancel().consume() }
                } finally {
                    loop.log += "finally"
                }
            },
        )
        loop.runUntilStalled()
        loop.advance(10)
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("finally")
        assertThat(job.children.toList()).isEmpty()
        assertThat(loop.uncaught.map { it.message }).contains("cancel")
    }

    @Test
    fun aPollableThatCanNotBeCancelledDoesNotHangOthersAtTheClose() {
        val jobs =
            List(3) {
                CoroutineScope(Dispatchers.Unconfined + handler).launch {
                    BadCancel().consume(on = loop.dispatcher)
                }
            }
        loop.dispatcher.shutdownNow()

        assertThat(jobs.map { it.isCompleted }).containsExactly(true, true, true)
        assertThat(loop.uncaught.map { it.message }).containsExactly("cancel", "cancel", "cancel")
    }

    // ------------------------------------------------------------------ polled by nobody any more

    @Test
    fun aScopeEndsAlthoughNobodyPollsItsChildToTheEnd() {
        loop.scope.launch {
            coroutineScope {
                val child =
                    pollable("child") {
                        delay(10)
                        loop.log += "child"
                    }
                withTimeoutOrNull(1) { child.await() }
                loop.log += "timeout"
            }
            loop.log += "scope"
        }
        repeat(11) {
            loop.runUntilStalled()
            loop.advance(1)
        }
        assertThat(loop.log).containsExactly("timeout", "child", "scope")
        loop.assertNothingUncaught()
    }

    @Test
    fun aChildThatYieldsForAnAwaitEndsWithTheClose() {
        val job =
            loop.scope.launch {
                coroutineScope { pollable("child") { while (true) yieldNow() }.await() }
            }
        loop.dispatcher.runUntilStalled(10)
        loop.dispatcher.shutdownNow()
        runBlocking { withTimeout(10_000) { job.join() } }
    }

    @Test
    fun whoeverPollsOnAfterAnAwaitWasCancelledGetsTheValue() {
        val other = Gate<String>()
        for (pollable in listOf(loop.dispatcher.pollable { gate.await() }, loop.scope.pollable { other.await() })) {
            loop.scope.launch {
                withTimeoutOrNull(1) { pollable.await() }
                loop.log += "timeout"
                loop.log += pollable.await()
            }
            loop.runUntilStalled()
            loop.advance(1)
            loop.runUntilStalled()
        }
        gate.open("value")
        other.open("value")
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("timeout", "timeout", "value", "value")
        loop.assertNothingUncaught()
    }

    // ------------------------------------------------------------------ prompt cancellation

    /**
     * In the moment of the wake the job is cancelled, but the one who cancels is held up before it tells the wait.
     */
    private fun cancelledBeforeIsReady(
        start: (suspend () -> Unit) -> Unit,
        makeReady: () -> Unit,
        wait: suspend () -> Unit,
    ) {
        val isCancelling = CountDownLatch(1)
        val goOn = CountDownLatch(1)
        lateinit var job: Job
        start {
            job = currentCoroutineContext()[Job]!!
            CoroutineScope(currentCoroutineContext()).launch(start = CoroutineStart.UNDISPATCHED) {
                suspendCancellableCoroutine<Unit> {
                    it.invokeOnCancellation {
                        isCancelling.countDown()
                        goOn.await(10, SECONDS)
                    }
                }
            }
            try {
                wait()
                loop.log += "returned, active: ${currentCoroutineContext().isActive}"
            } catch (cancelled: CancellationException) {
                loop.log += "cancelled"
                throw cancelled
            }
        }
        loop.runUntilStalled()
        val other = thread { job.cancel() }
        try {
            assertThat(isCancelling.await(10, SECONDS)).isTrue()
            makeReady()
            loop.runUntilStalled()
        } finally {
            goOn.countDown()
            other.join()
        }
        loop.runUntilStalled()
    }

    private fun launched(block: suspend () -> Unit) {
        loop.scope.launch { block() }
    }

    private fun asTask(block: suspend () -> Unit) {
        loop.dispatcher.spawn("task", loop.dispatcher.pollable("task") { block() })
    }

    @Test
    fun anAwaitOfACancelledCoroutineDoesNotReturnTheValue() {
        cancelledBeforeIsReady(::launched, { gate.open("v") }) { gate.await { loop.log += "lost $it" } }
        assertThat(loop.log).containsExactly("lost v", "cancelled")
    }

    @Test
    fun anAwaitInAPollOfACancelledFlowDoesNotReturnTheValue() {
        cancelledBeforeIsReady(::asTask, { gate.open("v") }) { gate.await { loop.log += "lost $it" } }
        assertThat(loop.log).containsExactly("lost v", "cancelled")
    }

    @Test
    fun aDelayOfACancelledCoroutineDoesNotReturn() {
        cancelledBeforeIsReady(::launched, { loop.advance(1) }) { delay(1) }
        assertThat(loop.log).containsExactly("cancelled")
    }

    @Test
    fun aDelayInAPollOfACancelledFlowDoesNotReturn() {
        cancelledBeforeIsReady(::asTask, { loop.advance(1) }) { delay(1) }
        assertThat(loop.log).containsExactly("cancelled")
    }

    // ------------------------------------------------------------------ stop and budget

    @Test
    fun aStopIsNotPutOffForEverWhereSomebodyElseSpendsTheBudget() {
        val child =
            loop.dispatcher.pollable<Unit>("child") {
                try {
                    awaitCancellation()
                } finally {
                    loop.log += "cancelled"
                }
            }
        val parent = PollsTheWoken(child)
        val stop = StopSource()
        loop.dispatcher.spawnUnder(stop.token(), "parent", parent)
        loop.runUntilStalled()
        stop.stop()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("cancelled")
    }

    /** Polls its child only where that was woken; and after a stop, the budget is spent by then. */
    private class PollsTheWoken(private val child: Pollable<Unit>) :
        Pollable<Unit>,
        Waker {
        private var isWoken = true
        private var hasSpent = false
        private var outer = Waker.none()

        override fun poll(cx: Context): Poll<Unit> {
            outer = cx.waker("its child")
            if (cx.stopToken().isStopped && !hasSpent) {
                while (cx.tryProceed()) {
                    hasSpent = true
                }
            }
            if (!isWoken) {
                return Poll.pending()
            }
            isWoken = false
            return cx.withWaker(this).pollChild(child)
        }

        override fun wake() {
            isWoken = true
            outer.wake()
        }

        override fun cancel(): Unit = child.cancel()
    }
}
