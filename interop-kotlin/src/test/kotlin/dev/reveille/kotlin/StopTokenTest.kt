package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.JoinHandle
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.StopSource
import dev.reveille.TaskGroup
import dev.reveille.TaskSnapshot
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

class StopTokenTest {
    private val loop = TestLoop()
    private val stop = StopSource()
    private val gate = Gate<String>()

    private fun poller(): String? = loop.tasks().singleOrNull { it.state() == TaskSnapshot.State.RUNNING }?.name()

    private fun <T> spawn(pollable: Pollable<T>): JoinHandle<T> =
        loop.dispatcher.spawnUnder(stop.token(), "task", pollable).also { it.toCompletableFuture() }

    private fun stopFromElsewhere() = thread { stop.stop() }.join()

    // ------------------------------------------------------------------ the stop of the task that polls

    @Test
    fun aStoppedTaskCancelsItsCoroutineAndItsChildrenAndPollsThemToTheEnd() {
        val handle =
            spawn(
                loop.dispatcher.pollable("worker") {
                    launch {
                        try {
                            awaitCancellation()
                        } finally {
                            loop.log += "child"
                        }
                    }
                    try {
                        gate.await()
                    } finally {
                        withContext(NonCancellable) { delay(10) }
                        loop.log += "finally in ${poller()}"
                    }
                },
            )
        loop.runUntilStalled()
        assertThat(loop.tasks().single().waitReason()).isEqualTo("the gate") // not: for a stop
        stopFromElsewhere()
        assertThat(loop.log).isEmpty() // no code of the coroutine runs in the thread that stops
        loop.runUntilStalled()
        assertThat(handle.isDone).isFalse()
        loop.advance(10)

        assertThat(loop.log).containsExactly("child", "finally in task")
        assertThat(handle.failure())
            .isInstanceOf(CancellationException::class.java)
            .hasMessage("coroutine 'worker' was told to stop, with task 'task'")
        assertThat(gate.cancels).isZero()
        loop.assertNothingUncaught()
    }

    @Test
    fun aCoroutineTaskThatWasToldToStopCompletes() {
        val task = coroutineTask("worker") { awaitCancellation() }
        val handle = loop.dispatcher.spawnUnder(stop.token(), "task", task)
        loop.runUntilStalled()
        stop.stop()
        loop.runUntilStalled()
        assertThat(handle.toString()).contains("completed")
        loop.assertNothingUncaught()
    }

    @Test
    fun butItsOwnFailureInTheEndIsAFailure() {
        val task =
            coroutineTask {
                try {
                    awaitCancellation()
                } finally {
                    throw IOException("while stopping")
                }
            }
        val handle = spawn(task)
        loop.runUntilStalled()
        stop.stop()
        loop.runUntilStalled()
        assertThat(handle.failure()).isInstanceOf(IOException::class.java).hasMessage("while stopping")
    }

    @Test
    fun aGroupThatIsToldToStopLetsItsCoroutinesEnd() {
        val group = TaskGroup.failFast(loop.dispatcher, "group")
        repeat(3) { n ->
            group.spawn(
                "child $n",
                coroutineTask {
                    try {
                        awaitCancellation()
                    } finally {
                        withContext(NonCancellable) { delay(10L * n) }
                        loop.log += "$n"
                    }
                },
            )
        }
        val all = loop.dispatcher.spawn(group.join())
        loop.runUntilStalled()
        group.stop()
        loop.advance(30)
        assertThat(loop.log).containsExactly("0", "1", "2")
        assertThat(all.toString()).contains("completed")
    }

    @Test
    fun afterAStopACoroutineDoesNotBegin() {
        stop.stop()
        val scope = CoroutineScope(loop.coroutines + Job())
        val handles =
            listOf(
                loop.dispatcher.pollable { loop.log += "started" },
                scope.pollable(start = CoroutineStart.LAZY) { loop.log += "started" },
                CoroutineScope(Dispatchers.IO).pollable(start = CoroutineStart.LAZY) { loop.log += "started" },
            ).map { spawn(it) }
        val task = spawn(coroutineTask { loop.log += "started" })
        loop.dispatcher.runToCompletion()
        assertThat(
            handles.map {
                it.failure().message
            },
        ).allMatch { it!!.endsWith("was told to stop, with task 'task'") }
        assertThat(task.toString()).contains("completed")
        assertThat(loop.log).isEmpty()
        assertThat(scope.coroutineContext.job.isActive).isTrue()
    }

    @Test
    fun aValueThatIsThereInTheSamePollWins() {
        val handle = spawn(loop.dispatcher.pollable { gate.await() })
        loop.runUntilStalled()
        stop.stop()
        gate.open("value")
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("value")
    }

    @Test
    fun itWinsAlsoIfThePollRanOutOfBudgetButOnlyOnce() {
        val small = TestLoop("small") { it.withBudget(2) }
        val ready = Pollable { _: Context -> Poll.ready(1) }
        val another = Gate<String>()
        var steps = 0
        val inTime =
            small.dispatcher.spawnUnder(
                stop.token(),
                "in time",
                small.dispatcher.pollable {
                    gate.await()
                    repeat(3) { ready.await() }
                    "value"
                },
            )
        val endless =
            small.dispatcher.spawnUnder(
                stop.token(),
                "endless",
                small.dispatcher.pollable<Unit> {
                    another.await()
                    while (true) steps += ready.await()
                },
            )
        endless.toCompletableFuture()
        small.runUntilStalled()
        gate.open("value")
        another.open("value")
        stop.stop()
        small.dispatcher.runToCompletion()
        assertThat(inTime.get()).isEqualTo("value")
        assertThat(endless.failure()).hasMessageContaining("told to stop")
        assertThat(steps).isLessThan(10)
    }

    @Test
    fun aCoroutineMayStopItsOwnTask() {
        val handle =
            spawn(
                loop.dispatcher.pollable {
                    stop.stop()
                    currentCoroutineContext().ensureActive() // not yet: the cancellation comes between polls
                    loop.log += "still active"
                    gate.await()
                },
            )
        loop.runUntilStalled()
        assertThat(handle.failure()).hasMessageContaining("told to stop")
        assertThat(loop.log).containsExactly("still active")
    }

    @Test
    fun aCoroutineOfAScopeOnAForeignDispatcherIsCancelledToo() {
        val started = CountDownLatch(1)
        val scope = CoroutineScope(Dispatchers.IO + Job())
        val handle =
            spawn(
                scope.pollable("foreign") {
                    started.countDown()
                    awaitCancellation()
                },
            )
        loop.runUntilStalled()
        assertThat(started.await(10, SECONDS)).isTrue()
        stopFromElsewhere()
        loop.dispatcher.runToCompletion()
        assertThat(handle.failure()).hasMessage("coroutine 'foreign' was told to stop, with task 'task'")
        assertThat(scope.coroutineContext.job.isActive).isTrue()
    }

    @Test
    fun coroutinesThatEndedBeforeTheStopLeaveNothingWithTheToken() {
        val handle =
            spawn(
                Pollable<Unit> { cx: Context ->
                    repeat(100) {
                        val inner = loop.dispatcher.pollable { gate.await() }
                        check(cx.pollChild(inner).isPending)
                        inner.cancel()
                    }
                    loop.log += waiters(cx.stopToken()).toString()
                    Poll.ready(Unit)
                },
            )
        loop.runUntilStalled()
        assertThat(handle.isDone).isTrue()
        assertThat(loop.log).containsExactly("0")
    }

    /** How many are registered on a token: known to the package of the token only. */
    private fun waiters(token: dev.reveille.StopToken): Int {
        val source = token.javaClass.getDeclaredField("source").apply { isAccessible = true }[token]
        return source.javaClass.getDeclaredMethod("waiterCount").apply { isAccessible = true }(source) as Int
    }

    @Test
    fun aLongLivedTokenForgetsTheTasksThatHaveEnded() {
        val scope = CoroutineScope(Dispatchers.Unconfined + Job())
        repeat(100) { n ->
            val inner =
                when (n % 3) {
                    0 -> loop.dispatcher.pollable { yieldNow() }
                    1 -> loop.dispatcher.pollable { awaitCancellation() }
                    else -> scope.pollable { awaitCancellation() }
                }
            val handle = spawn(inner)
            loop.runUntilStalled()
            handle.cancel()
            loop.runUntilStalled()
            assertThat(handle.isDone).isTrue()
            assertThat(waiters(stop.token()) + children(stop.token())).isZero()
        }
        assertThat(scope.coroutineContext.job.children.toList()).isEmpty()
    }

    private fun children(token: dev.reveille.StopToken): Int {
        val source = token.javaClass.getDeclaredField("source").apply { isAccessible = true }[token]
        return source.javaClass.getDeclaredMethod("childCount").apply { isAccessible = true }(source) as Int
    }

    @Test
    fun stopsThatRaceWithTheEndsOfCoroutinesAreNeverMissed() {
        val dispatcher = BasicDispatcher()
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.runToCompletion() }
        val begun = AtomicInteger()
        val ended = AtomicInteger()
        repeat(100) { round ->
            val source = StopSource()
            val handles =
                List(20) { n ->
                    dispatcher.spawnUnder(
                        source.token(),
                        "task $n",
                        coroutineTask {
                            begun.incrementAndGet()
                            try {
                                repeat(n) { yieldNow() }
                                if (n % 2 == 0) awaitCancellation()
                            } finally {
                                ended.incrementAndGet()
                            }
                        },
                    )
                }
            repeat(round) { Thread.onSpinWait() }
            source.stop()
            handles.forEach { it.get() } // each completes, whether it ran to its end, was stopped or never began
        }
        guard.close()
        driver.join()
        assertThat(ended.get()).isEqualTo(begun.get())
    }

    // ------------------------------------------------------------------ withStopToken

    @Test
    fun withStopTokenReturnsTheValueAndLeavesNothingOnTheToken() {
        val handle = loop.dispatcher.spawn(loop.dispatcher.pollable { withStopToken(stop.token()) { gate.await() } })
        loop.runUntilStalled()
        assertThat(waiters(stop.token())).isEqualTo(1)
        assertThat(gate.polledBy).isNotNull()
        gate.open("value")
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("value")
        assertThat(waiters(stop.token())).isZero()
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun aStopCancelsTheBlockAndItsChildrenButNotTheCaller() {
        loop.scope.launch {
            try {
                withStopToken(stop.token()) {
                    launch {
                        try {
                            awaitCancellation()
                        } finally {
                            loop.log += "child"
                        }
                    }
                }
            } catch (e: CancellationException) {
                currentCoroutineContext().ensureActive()
                loop.log += e.message!!
            }
        }
        loop.runUntilStalled()
        stopFromElsewhere()
        assertThat(loop.log).isEmpty()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("child", "'coroutine' was told to stop")
    }

    @Test
    fun afterAStopTheBlockDoesNotBegin() {
        stop.stop()
        loop.scope.launch {
            try {
                withStopToken(stop.token()) { loop.log += "started" }
            } catch (e: CancellationException) {
                loop.log += "stopped"
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("stopped")
    }

    @Test
    fun aFailureOfTheBlockIsThatOfTheCallAndAForeignCallerIsRefused() {
        val failing = loop.dispatcher.spawn(
            loop.dispatcher.pollable<Unit> {
                withStopToken(stop.token()) { throw IOException("broken") }
            },
        )
        failing.toCompletableFuture()
        loop.runUntilStalled()
        assertThat(failing.failure()).hasMessage("broken")
        assertThat(waiters(stop.token())).isZero()

        val foreign = CoroutineScope(Dispatchers.IO).pollable { withStopToken(stop.token()) { awaitCancellation() } }
        val handle = loop.dispatcher.spawn(foreign)
        handle.toCompletableFuture()
        loop.dispatcher.runToCompletion()
        assertThat(handle.failure()).isInstanceOf(IllegalStateException::class.java)
    }

    @Test
    fun theCancellationOfTheCallerIsNotAStop() {
        val job = loop.scope.launch { withStopToken(stop.token()) { gate.await() } }
        loop.runUntilStalled()
        job.cancel()
        loop.runUntilStalled()
        assertThat(job.isCompleted).isTrue()
        assertThat(waiters(stop.token())).isZero()
        assertThat(stop.isStopped).isFalse()
    }
}
