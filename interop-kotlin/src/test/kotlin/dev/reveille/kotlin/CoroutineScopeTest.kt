package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.RunOutcome
import dev.reveille.TaskSnapshot
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread
import kotlin.coroutines.ContinuationInterceptor

class CoroutineScopeTest {
    private val loop = TestLoop()
    private val gate = Gate<String>()
    private val job = Job()
    private val scope = CoroutineScope(loop.coroutines + job)

    private fun poller(): String? = loop.tasks().singleOrNull { it.state() == TaskSnapshot.State.RUNNING }?.name()

    private fun <T> CoroutineScope.lazily(name: String = "coroutine", block: suspend CoroutineScope.() -> T) =
        pollable(name, start = CoroutineStart.LAZY, block = block)

    // ------------------------------------------------------------------ where it runs

    @Test
    fun itStartsAtOnceAndRunsInThePollsFromTheFirstOneOn() {
        val pollable =
            scope.pollable("worker") {
                loop.log += "begin: ${poller()}"
                delay(10)
                loop.log += "unpolled: ${poller()}"
                gate.await()
                loop.log += "polled: ${poller()}"
                yield()
                loop.log += "after yield: ${poller()}"
                delay(10)
                loop.log += "after delay: ${poller()}"
                withContext(Dispatchers.IO) { Thread.yield() }
                "value, ${poller()}"
            }
        loop.runUntilStalled()
        loop.advance(10)
        val handle = loop.dispatcher.spawn("task", pollable)
        loop.runUntilStalled()
        gate.open("value")
        loop.runUntilStalled()
        loop.advance(10)
        loop.dispatcher.runToCompletion()

        assertThat(loop.log).containsExactly(
            "begin: null",
            "unpolled: null",
            "polled: task",
            "after yield: task",
            "after delay: task",
        )
        assertThat(handle.get()).isEqualTo("value, task")
    }

    @Test
    fun aLazyOneStartsInTheFirstPollAndAwaitsInPollsOfTheTask() {
        val pollable =
            scope.lazily("inner") {
                loop.log += "begin: ${poller()}"
                gate.await()
            }
        loop.runUntilStalled()
        assertThat(loop.log).isEmpty()

        val handle = loop.dispatcher.spawn("outer", pollable)
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("begin: outer")
        assertThat(gate.polledBy).isEqualTo("outer")
        assertThat(loop.tasks().single().waitReason()).isEqualTo("the gate")
        assertThat(loop.dispatcher.snapshot().taskPolls()).isEqualTo(1)
        gate.open("value")
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("value")
    }

    @Test
    fun onAForeignDispatcherItRunsThereAndItsEndIsAWake() {
        val release = CountDownLatch(1)
        val foreign = CoroutineScope(Dispatchers.IO + Job())
        val pollable =
            foreign.pollable("foreign") {
                release.await(10, SECONDS)
                "onLoop=${loop.dispatcher.onLoop()} ${currentCoroutineContext()[CoroutineName]?.name}"
            }
        val handle = loop.dispatcher.spawn("task", pollable)
        loop.runUntilStalled()
        assertThat(handle.isDone).isFalse()
        thread { release.countDown() }
        loop.dispatcher.runToCompletion()
        assertThat(handle.get()).isEqualTo("onLoop=false foreign")
    }

    @Test
    fun onAnotherLoopItRunsThereAndItsEndIsAWake() {
        val other = TestLoop("other")
        val pollable =
            scope.lazily {
                delay(10)
                loop.dispatcher.onLoop()
            }
        val handle = other.dispatcher.spawn("task", pollable)
        other.runUntilStalled()
        assertThat(handle.isDone).isFalse()
        loop.runUntilStalled()
        loop.advance(10)
        other.runUntilStalled()
        assertThat(handle.get()).isTrue()
    }

    @Test
    fun withTheImmediateViewItIsAnOrdinaryCoroutineOfIt() {
        val immediate = CoroutineScope(loop.coroutines.immediate + job)
        val handle =
            loop.dispatcher.spawn(
                "task",
                immediate.pollable {
                    yield()
                    assertThat(currentCoroutineContext()[ContinuationInterceptor]).isSameAs(loop.coroutines.immediate)
                    poller()
                },
            )
        loop.runUntilStalled()
        assertThat(handle.get()).isNull()
    }

    @Test
    fun inAScopeWithoutADispatcherItRunsWhereItIsPolledAndIsAChildFromThenOn() {
        val pollable = CoroutineScope(job).pollable("inner") { gate.await() + " in ${poller()}" }
        assertThat(job.children.toList()).isEmpty()
        val handle = loop.dispatcher.spawn("outer", pollable)
        loop.runUntilStalled()
        assertThat(job.children.toList()).hasSize(1)
        gate.open("value")
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("value in outer")
    }

    @Test
    fun aDispatcherInTheContextReplacesThatOfTheScope() {
        val foreign = CoroutineScope(Dispatchers.IO + job)
        val pollable = foreign.pollable(context = loop.coroutines, start = CoroutineStart.LAZY) { poller() }
        val handle = loop.dispatcher.spawn("task", pollable)
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("task")
    }

    @Test
    fun severalOfThemRunAtOnceInThePollsOfOneTaskAndTheirChildrenAreOrdinary() {
        loop.dispatcher.post(
            coroutineTask("parent") {
                coroutineScope {
                    val left =
                        pollable("left") {
                            delay(10)
                            launch { loop.log += "child: ${poller()}" }
                            "left: ${poller()}"
                        }
                    val right =
                        lazily("right") {
                            delay(10)
                            "right: ${poller()}"
                        }
                    loop.log += dev.reveille.combine.Join.all(listOf(left, right)).await()
                }
            },
        )
        loop.runUntilStalled()
        loop.advance(10)
        assertThat(loop.log).containsExactly("child: null", "left: parent", "right: parent")
        loop.assertNothingUncaught()
    }

    // ------------------------------------------------------------------ a child of the scope

    @Test
    fun itIsAChildOfTheScopeWhichWaitsForIt() {
        val pollable = scope.lazily { gate.await() }
        assertThat(job.children.toList()).hasSize(1)
        job.complete()
        assertThat(job.isCompleted).isFalse() // nobody polls it, and the scope waits: as for a lazy async
        loop.dispatcher.spawn(pollable)
        loop.runUntilStalled()
        gate.open("value")
        loop.runUntilStalled()
        assertThat(job.isCompleted).isTrue()
        assertThat(job.isCancelled).isFalse()
    }

    @Test
    fun itsFailureIsThatOfThePollAndCancelsTheScope() {
        val failure = IOException("broken")
        val handle = loop.dispatcher.spawn(scope.lazily<Unit> { throw failure })
        handle.toCompletableFuture()
        loop.runUntilStalled()
        assertThat(handle.failure()).isSameAs(failure)
        assertThat(job.isCancelled).isTrue()
        loop.assertNothingUncaught()
    }

    @Test
    fun aSupervisorIsNotCancelledByItsFailure() {
        val supervised = CoroutineScope(loop.coroutines + SupervisorJob())
        val handle = loop.dispatcher.spawn(supervised.pollable<Unit> { throw IOException("broken") })
        handle.toCompletableFuture()
        loop.runUntilStalled()
        assertThat(handle.failure()).isInstanceOf(IOException::class.java)
        assertThat(supervised.coroutineContext.job.isActive).isTrue()
    }

    @Test
    fun aCancelledScopeCancelsItAndThePollerGetsTheCancellation() {
        for (start in listOf(CoroutineStart.DEFAULT, CoroutineStart.LAZY)) {
            val parent = Job()
            val pollable =
                CoroutineScope(loop.coroutines + parent).pollable(start = start) {
                    try {
                        awaitCancellation()
                    } finally {
                        loop.log += "finally in ${poller()}"
                    }
                }
            val handle = loop.dispatcher.spawn("task", pollable)
            handle.toCompletableFuture()
            loop.runUntilStalled()
            thread { parent.cancel(CancellationException("enough")) }.join()
            loop.runUntilStalled()
            assertThat(handle.failure()).isInstanceOf(CancellationException::class.java).hasMessage("enough")
            assertThat(parent.isCompleted).isTrue()
        }
        assertThat(loop.log).containsExactly("finally in task", "finally in task")
    }

    @Test
    fun inAScopeThatIsCancelledAlreadyItNeverStarts() {
        job.cancel(CancellationException("over"))
        val pollables =
            CoroutineStart.entries.filter { it == CoroutineStart.DEFAULT || it == CoroutineStart.LAZY }.map { start ->
                scope.pollable(start = start) { loop.log += "started" }
            } + CoroutineScope(job).pollable { loop.log += "started" } +
                CoroutineScope(Dispatchers.IO + job).pollable { loop.log += "started" }
        for (pollable in pollables) {
            val handle = loop.dispatcher.spawn(pollable)
            handle.toCompletableFuture()
            loop.runUntilStalled()
            loop.dispatcher.runToCompletion()
            assertThat(handle.failure()).isInstanceOf(CancellationException::class.java).hasMessage("over")
        }
        assertThat(loop.log).isEmpty()
    }

    // ------------------------------------------------------------------ giving up

    @Test
    fun whoGivesItUpCancelsItAndItsFinallyRunsOnItsDispatcher() {
        val foreign = CoroutineScope(Dispatchers.IO + job)
        val begun = Semaphore(0)
        val ended = CountDownLatch(2)
        for (where in listOf(scope, foreign)) {
            val handle =
                loop.dispatcher.spawn(
                    "task",
                    where.pollable("shy") {
                        begun.release()
                        try {
                            awaitCancellation()
                        } catch (e: CancellationException) {
                            yieldQuietly()
                            loop.log += "${e.message}"
                        } finally {
                            ended.countDown()
                        }
                    },
                )
            loop.runUntilStalled()
            assertThat(begun.tryAcquire(10, SECONDS)).isTrue() // one that is cancelled before it begins never does
            handle.cancel()
            loop.runUntilStalled()
        }
        assertThat(ended.await(10, SECONDS)).isTrue()
        runBlocking { job.children.forEach { it.join() } }
        assertThat(loop.log).hasSize(2).allMatch { it == "coroutine 'shy' was given up by the one who polled it" }
        assertThat(job.isActive).isTrue()
        loop.assertNothingUncaught()
    }

    private suspend fun yieldQuietly() = withContext(kotlinx.coroutines.NonCancellable) { yield() }

    @Test
    fun givingUpBeforeTheFirstPollCancelsIt() {
        for (start in listOf(CoroutineStart.DEFAULT, CoroutineStart.LAZY)) {
            val pollable = scope.pollable(start = start) { loop.log += "started" }
            pollable.cancel()
            loop.runUntilStalled()
        }
        assertThat(loop.log).isEmpty()
        assertThat(job.children.toList()).isEmpty()
        assertThat(job.isActive).isTrue()
    }

    @Test
    fun onceItWasPolledAtHomeItCanNotMove() {
        val other = TestLoop("other")
        val pollable = scope.lazily("settled") { gate.await() }
        loop.dispatcher.spawn(Pollable<Unit> { cx: Context -> pollable.poll(cx).map { } })
        loop.runUntilStalled()
        val handle = other.dispatcher.spawn("guest", Pollable { cx: Context -> pollable.poll(cx) })
        handle.toCompletableFuture()
        other.runUntilStalled()
        assertThat(handle.failure())
            .isInstanceOf(IllegalStateException::class.java)
            .hasMessageContaining("settled")
            .hasMessageContaining("BasicDispatcher[loop]")
            .hasMessageContaining("guest")
    }

    @Test
    fun oneThatHasEndedUnpolledIsReadyAtOnce() {
        val pollable = scope.pollable { "early" }
        val failed = CoroutineScope(loop.coroutines + SupervisorJob()).pollable<Unit> { throw IOException("early") }
        loop.runUntilStalled()
        val handle = loop.dispatcher.spawn(pollable)
        val failing = loop.dispatcher.spawn(failed)
        failing.toCompletableFuture()
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("early")
        assertThat(failing.failure()).hasMessage("early")
    }

    @Test
    fun manyThatRunBeforeTheyArePolledLoseNothing() {
        val dispatcher = dev.reveille.BasicDispatcher()
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.runToCompletion() }
        val work = CoroutineScope(dispatcher.asCoroutineDispatcher() + Job())
        val handles =
            (0 until 300).map { n ->
                val start = if (n % 3 == 0) CoroutineStart.LAZY else CoroutineStart.DEFAULT
                val pollable =
                    work.pollable(start = start) {
                        var sum = 0
                        repeat(20) {
                            yield()
                            sum += withContext(Dispatchers.Default) { n }
                            sum += Pollable { cx: Context -> Poll.ready(cx.taskName().length) }.await()
                        }
                        sum > 0
                    }
                if (n % 2 == 0) Thread.yield()
                dispatcher.spawn("task $n", pollable)
            }
        assertThat(handles.all { it.get() }).isTrue()
        guard.close()
        driver.join()
        assertThat(work.coroutineContext.job.children.toList()).isEmpty()
    }
}
