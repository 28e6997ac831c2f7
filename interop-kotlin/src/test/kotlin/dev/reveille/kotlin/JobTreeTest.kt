@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.JoinHandle
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.TaskGroup
import dev.reveille.TaskSnapshot
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.TimeoutException
import kotlin.concurrent.thread

/** A coroutine that is polled has the failures, the cancellation and the tree of jobs that kotlinx.coroutines gives it. */
class JobTreeTest {
    private val loop = TestLoop()
    private val gate = Gate<String>()

    private fun poller(): String? = loop.tasks().singleOrNull { it.state() == TaskSnapshot.State.RUNNING }?.name()

    private fun <T> spawn(block: suspend CoroutineScope.() -> T): JoinHandle<T> =
        loop.dispatcher.spawn("task", loop.dispatcher.pollable("flow", block = block)).also { it.toCompletableFuture() }

    private fun runAll() = thread { loop.time.autoAdvance().also { loop.dispatcher.runToCompletion() } }.join()

    /** Runs into its cancellation, and then throws something else. */
    private suspend fun failWhenCancelled(message: String) {
        try {
            awaitCancellation()
        } finally {
            throw IOException(message)
        }
    }

    // ------------------------------------------------------------------ failures

    @Test
    fun theFirstFailureIsTheFailureAndLaterOnesAreSuppressed() {
        val handle =
            spawn<Unit> {
                launch { failWhenCancelled("second") }
                launch { failWhenCancelled("third") }
                launch { throw IOException("first") }
                failWhenCancelled("fourth")
            }
        loop.runUntilStalled()
        assertThat(handle.failure()).hasMessage("first")
        assertThat(handle.failure().suppressed.map { it.message })
            .containsExactlyInAnyOrder("second", "third", "fourth")
        loop.assertNothingUncaught()
    }

    @Test
    fun aScopeWithinTheFlowContainsTheFailuresOfItsChildren() {
        val handle =
            spawn {
                try {
                    coroutineScope {
                        launch { throw IOException("inside") }
                        gate.await()
                    }
                } catch (e: IOException) {
                    loop.log += "${e.message}, active=${currentCoroutineContext().isActive}"
                }
                delay(10)
                "went on in ${poller()}"
            }
        runAll()
        assertThat(loop.log).containsExactly("inside, active=true")
        assertThat(handle.get()).isEqualTo("went on in task")
    }

    @Test
    fun aSupervisorScopeKeepsSiblingsApartAndFailuresGoToTheHandlerInTheContext() {
        val handled = mutableListOf<Throwable>()
        val pollable =
            loop.dispatcher.pollable("flow", CoroutineExceptionHandler { _, e -> handled += e }) {
                supervisorScope {
                    launch { throw IOException("launched") }
                    val failing = async { throw IOException("asked for") }
                    launch {
                        delay(10)
                        loop.log += "sibling"
                    }
                    runCatching { failing.await() }.exceptionOrNull()!!.message
                }
            }
        val handle = loop.dispatcher.spawn(pollable)
        runAll()
        assertThat(handle.get()).isEqualTo("asked for")
        assertThat(handled.single()).hasMessage("launched")
        assertThat(loop.log).containsExactly("sibling")
        loop.assertNothingUncaught()
    }

    @Test
    fun theFailureOfTheFlowItselfDoesNotGoToTheHandlerInTheContext() {
        val handled = mutableListOf<Throwable>()
        val pollable =
            loop.dispatcher.pollable<Unit>("flow", CoroutineExceptionHandler { _, e -> handled += e }) {
                throw IOException("broken")
            }
        val handle = loop.dispatcher.spawn(pollable)
        handle.toCompletableFuture()
        loop.runUntilStalled()
        assertThat(handle.failure()).hasMessage("broken") // as of an async: its result is where a failure goes
        assertThat(handled).isEmpty()
    }

    @Test
    fun theFailureOfAnAsyncChildFailsTheFlowAlsoIfItIsCaughtAtTheAwait() {
        val handle =
            spawn {
                val failing = async { throw IOException("broken") }
                runCatching { failing.await() }
                "not this"
            }
        loop.runUntilStalled()
        assertThat(handle.failure()).isInstanceOf(IOException::class.java).hasMessage("broken")
    }

    @Test
    fun itsFailureCancelsTheParentInItsContextUnlessThatSupervises() {
        val strict = Job()
        val supervising = SupervisorJob()
        for (parent in listOf(strict, supervising)) {
            loop.dispatcher.spawn(coroutineTask("t", parent) { throw IOException("broken") }).toCompletableFuture()
        }
        loop.runUntilStalled()
        assertThat(strict.isCancelled).isTrue()
        assertThat(supervising.isActive).isTrue()
    }

    private suspend fun outer(): String = inner() + "!" // no tail call: the frame is needed for the trace

    private suspend fun inner(): String {
        val value = gate.await()
        return "<$value>"
    }

    @Test
    fun theTraceOfAFailureNamesThoseWhoAwaitedIt() {
        val handle = spawn { outer() + "?" }
        loop.runUntilStalled()
        gate.fail(IOException("broken"))
        loop.runUntilStalled()
        val methods = handle.failure().stackTrace.map { it.methodName }
        assertThat(methods).contains("inner", "outer")
    }

    // ------------------------------------------------------------------ the tree

    @Test
    fun jobsHangTogetherAsInAnyCoroutine() {
        val parent = Job()
        val pollable =
            loop.dispatcher.pollable("flow", parent + CoroutineName("ignored")) {
                val flow = currentCoroutineContext().job
                assertThat(parent.children.toList()).containsExactly(flow)
                val child = launch(start = CoroutineStart.LAZY) { }
                assertThat(flow.children.toList()).containsExactly(child)
                coroutineScope { assertThat(flow.children.toList()).contains(currentCoroutineContext().job) }
                withContext(CoroutineName("renamed")) {
                    assertThat(flow.children.toList()).contains(currentCoroutineContext().job)
                }
                child.cancel()
                currentCoroutineContext()[CoroutineName]?.name
            }
        val handle = loop.dispatcher.spawn(pollable)
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("flow")
        assertThat(parent.children.toList()).isEmpty()
        assertThat(parent.isActive).isTrue()
    }

    @Test
    fun childrenMayOutliveTheBlockAndTheValueWaitsForThem() {
        val handle =
            spawn {
                launch(Dispatchers.IO) { withContext(loop.coroutines) { delay(20) } }
                launch {
                    delay(10)
                    launch {
                        delay(20)
                        loop.log += "grandchild at ${loop.now()}"
                    }
                }
                "value"
            }
        loop.runUntilStalled()
        assertThat(handle.isDone).isFalse()
        runAll()
        assertThat(handle.get()).isEqualTo("value")
        assertThat(loop.log.single()).startsWith("grandchild at 3")
    }

    @Test
    fun aChildThatFailsAfterTheBlockHasReturnedFailsThePoll() {
        val handle =
            spawn {
                launch {
                    delay(10)
                    throw IOException("late")
                }
                "value"
            }
        loop.advance(10)
        assertThat(handle.failure()).hasMessage("late")
    }

    // ------------------------------------------------------------------ cancellation

    @Test
    fun cancellingWithinTheFirstPollEndsItAtTheFirstSuspension() {
        lateinit var cancelTask: () -> Unit
        for (way in listOf<suspend () -> Unit>({ currentCoroutineContext().cancel() }, { cancelTask() })) {
            val pollable =
                loop.dispatcher.pollable("flow") {
                    way()
                    loop.log += "goes on"
                    try {
                        gate.await()
                    } finally {
                        loop.log += "finally"
                    }
                }
            val handle =
                loop.dispatcher.spawn(
                    object : Pollable<String> {
                        override fun poll(cx: Context): Poll<String> = pollable.poll(cx)

                        override fun cancel() = pollable.cancel()
                    },
                )
            cancelTask = { handle.cancel() }
            handle.toCompletableFuture()
            loop.runUntilStalled()
            assertThat(handle.failure()).isInstanceOf(CancellationException::class.java)
        }
        assertThat(loop.log).containsExactly("goes on", "finally", "goes on", "finally")
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun whileItIsOnAnotherDispatcherACancellationReachesItThere() {
        val there = CountDownLatch(1)
        val ended = CountDownLatch(1)
        val handle =
            spawn {
                try {
                    withContext(Dispatchers.IO) {
                        there.countDown()
                        awaitCancellation()
                    }
                } finally {
                    loop.log += "back on the loop: ${loop.dispatcher.onLoop()}"
                    ended.countDown()
                }
            }
        loop.runUntilStalled()
        assertThat(there.await(10, SECONDS)).isTrue()
        handle.cancel()
        val driver = thread { loop.dispatcher.run() }
        assertThat(ended.await(10, SECONDS)).isTrue()
        loop.dispatcher.stop()
        driver.join()
        assertThat(handle.isDone).isTrue()
        assertThat(loop.log).containsExactly("back on the loop: true")
    }

    @Test
    fun aFailureOnAnotherDispatcherComesBackIntoTheFlow() {
        val handle =
            spawn {
                try {
                    withContext(Dispatchers.IO) { throw IOException("there") }
                } catch (e: IOException) {
                    "${e.message}, in ${poller()}"
                }
            }
        loop.dispatcher.runToCompletion()
        assertThat(handle.get()).isEqualTo("there, in task")
    }

    @Test
    fun nonCancellableWorkIsFinishedInPollsAfterACancellationFromWithin() {
        val handle =
            spawn<Unit> {
                launch { throw IOException("child") }
                try {
                    awaitCancellation()
                } finally {
                    withContext(NonCancellable) {
                        delay(10)
                        loop.log += "cleaned in ${poller()}: ${gate.await()}"
                    }
                }
            }
        loop.advance(10)
        gate.open("value")
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("cleaned in task: value")
        assertThat(handle.failure()).hasMessage("child")
    }

    @Test
    fun timeOutsInTheFlowAreThoseOfKotlinx() {
        val handle =
            spawn {
                val none = withTimeoutOrNull(10) { gate.await() }
                val thrown = runCatching { withTimeout(10) { awaitCancellation() } }.exceptionOrNull()
                assertThat(thrown).isInstanceOf(TimeoutCancellationException::class.java)
                withTimeout(10) { delay(5) }
                "$none at ${loop.now()} in ${poller()}"
            }
        runAll()
        assertThat(handle.get()).isEqualTo("null at 25 in task")
        assertThat(gate.cancels).isZero()
    }

    @Test
    fun aTimeOutThatIsNotCaughtIsTheFailure() {
        val handle = spawn { withTimeout(10) { gate.await() } }
        loop.advance(10)
        assertThat(handle.failure()).isInstanceOf(TimeoutCancellationException::class.java)
    }

    @Test
    fun aChildThatIsCancelledAloneHurtsNobody() {
        val handle =
            spawn {
                val child = launch { gate.await() }
                yield()
                child.cancelAndJoin()
                "active=${currentCoroutineContext().isActive} in ${poller()}"
            }
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("active=true in task")
    }

    // ------------------------------------------------------------------ select, groups

    @Test
    fun selectWorksInTheFlow() {
        val channel = Channel<String>()
        val deferred = CompletableDeferred<String>()
        val handle =
            spawn {
                suspend fun next(): String = select {
                    channel.onReceive { it }
                    deferred.onAwait { it }
                    onTimeout(10) { "time" }
                } + " in ${poller()}"
                launch { channel.send("channel") }
                val first = next()
                val second = next()
                deferred.complete("deferred")
                listOf(first, second, next())
            }
        runAll()
        assertThat(handle.get()).containsExactly("channel in task", "time in task", "deferred in task")
    }

    @Test
    fun inAFailFastGroupTheFailureOfOneCancelsTheCoroutinesOfTheOthers() {
        val group = TaskGroup.failFast(loop.dispatcher, "group")
        repeat(3) { n ->
            group.spawn(
                "$n",
                coroutineTask {
                    try {
                        gate.takeIf { n == 0 }?.await() ?: awaitCancellation()
                    } finally {
                        loop.log += "$n"
                    }
                },
            )
        }
        val all = loop.dispatcher.spawn(group.join())
        all.toCompletableFuture()
        loop.runUntilStalled()
        gate.fail(IOException("broken"))
        loop.runUntilStalled()
        assertThat(all.failure()).hasMessage("broken")
        assertThat(loop.log).containsExactlyInAnyOrder("0", "1", "2")
        loop.assertNothingUncaught()
    }

    @Test
    fun manyFlowsThatFailAndAreCancelledEndAllTheirJobs() {
        val parent = SupervisorJob()
        val handles =
            (0 until 300).map { n ->
                val pollable =
                    loop.dispatcher.pollable("flow $n", parent) {
                        val parts: List<Deferred<Int>> =
                            (0 until 4).map { part ->
                                async(if (part == 0) Dispatchers.Default else currentCoroutineContext().job) {
                                    delay((n + part) % 7L)
                                    if (n % 5 == 0 && part == n % 4) throw TimeoutException("$n")
                                    part
                                }
                            }
                        withTimeoutOrNull(n % 6L) { parts.awaitAll().sum() } ?: parts.awaitAll().sum()
                    }
                loop.dispatcher.spawn(pollable).also { it.toCompletableFuture() }
            }
        loop.dispatcher.post { handles.filterIndexed { n, _ -> n % 7 == 0 }.forEach { it.cancel() } }
        runAll()
        handles.forEachIndexed { n, handle ->
            assertThat(handle.isDone).isTrue()
            when {
                n % 7 == 0 -> assertThat(handle.failure()).isInstanceOf(CancellationException::class.java)
                n % 5 == 0 -> assertThat(handle.failure()).hasMessage("$n")
                else -> assertThat(handle.get()).isEqualTo(6)
            }
        }
        parent.complete()
        kotlinx.coroutines.runBlocking { parent.join() }
        loop.assertNothingUncaught()
    }
}
