package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

class ScopeSpawnTest {
    private val loop = TestLoop()
    private val gate = Gate<String>()
    private val job = Job()
    private val scope = CoroutineScope(loop.coroutines + job)

    @Test
    fun theTaskIsAChildOfTheScopeWhichWaitsForIt() {
        val handle = scope.spawn("task", gate)
        assertThat(handle.name()).isEqualTo("task")
        assertThat(job.children.toList()).hasSize(1)
        job.complete()
        loop.runUntilStalled()
        assertThat(job.isCompleted).isFalse()
        gate.open("value")
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("value")
        assertThat(job.isCompleted).isTrue()
        assertThat(job.isCancelled).isFalse()
    }

    @Test
    fun aCancelledScopeStopsItsTasksAndEndsAfterThem() {
        var token: dev.reveille.StopToken? = null
        val handle =
            scope.spawn(
                "task",
                object : Pollable<Unit> {
                    override fun poll(cx: Context): Poll<Unit> {
                        token = cx.stopToken()
                        return cx.park()
                    }

                    override fun cancel() {
                        loop.log += "cancelled, scope ended: ${job.isCompleted}"
                    }
                },
            )
        loop.runUntilStalled()
        thread { job.cancel() }.join()
        assertThat(token!!.isStopped).isTrue()
        assertThat(job.isCompleted).isFalse() // the loop has not ended the task yet
        loop.runUntilStalled()
        assertThat(handle.isDone).isTrue()
        assertThat(job.isCompleted).isTrue()
        assertThat(loop.log).containsExactly("cancelled, scope ended: false")
        loop.assertNothingUncaught()
    }

    @Test
    fun inAScopeThatIsCancelledAlreadyNothingIsPolled() {
        job.cancel()
        val outside = scope.spawn("outside", gate)
        val inside = Gate<String>()
        loop.dispatcher.post { scope.spawn("inside", inside) }
        loop.runUntilStalled()
        assertThat(outside.failure()).isInstanceOf(CancellationException::class.java)
        assertThat(listOf(gate.polls, inside.polls)).containsExactly(0, 0)
        assertThat(listOf(gate.cancels, inside.cancels)).containsExactly(1, 1)
        loop.assertNothingUncaught()
    }

    @Test
    fun aFailingTaskIsAFailingChild() {
        val failure = IOException("broken")
        var thrown: Throwable? = null
        loop.scope.launch {
            try {
                coroutineScope {
                    spawn("sibling", gate)
                    spawn("failing", Pollable<Unit> { throw failure })
                }
            } catch (e: IOException) {
                thrown = e
            }
        }
        loop.runUntilStalled()
        assertThat(thrown).isInstanceOf(IOException::class.java).hasMessage("broken")
        assertThat(gate.cancels).isEqualTo(1)
        loop.assertNothingUncaught() // neither the dispatcher's handler nor the scope's: the parent took it
    }

    @Test
    fun underASupervisorAFailureGoesToTheHandlerOfTheScopeAndToThoseWhoJoined() {
        val handled = mutableListOf<Throwable>()
        val supervised =
            CoroutineScope(loop.coroutines + SupervisorJob() + CoroutineExceptionHandler { _, e -> handled += e })
        val handle = supervised.spawn("failing", Pollable<Unit> { throw IOException("broken") })
        supervised.spawn("sibling", gate)
        loop.runUntilStalled()
        assertThat(handled.single()).hasMessage("broken")
        assertThat(handle.failure()).hasMessage("broken")
        assertThat(supervised.coroutineContext.job.isActive).isTrue()
        assertThat(gate.cancels).isZero()
        loop.assertNothingUncaught()
    }

    @Test
    fun aTaskThatIsCancelledOrRefusedDoesNotHurtTheScope() {
        val handle = scope.spawn("task", gate)
        loop.runUntilStalled()
        handle.cancel()
        loop.runUntilStalled()
        assertThat(handle.failure()).isInstanceOf(CancellationException::class.java)

        val open = scope.spawn("open", Gate<String>())
        loop.runUntilStalled()
        loop.dispatcher.close()
        assertThat(open.isDone).isTrue()
        val refused = scope.spawn("refused", Gate<String>())
        assertThat(refused.isDone).isTrue()
        assertThat(job.isActive).isTrue()
        assertThat(job.children.toList()).isEmpty()
    }

    @Test
    fun theDispatcherMayBeNamedAndMustBeIfTheScopeHasNoneOfOurs() {
        val foreign = CoroutineScope(Dispatchers.IO + job)
        val handle = foreign.spawn("task", Pollable { cx: Context -> Poll.ready(cx.taskName()) }, on = loop.dispatcher)
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("task")

        assertThatThrownBy { foreign.spawn("task", gate) }
            .isInstanceOf(IllegalArgumentException::class.java)
            .hasMessageContaining("'task' needs a dispatcher")
            .hasMessageContaining("Dispatchers.IO")
            .hasMessageContaining("on = dispatcher")
        assertThatThrownBy { CoroutineScope(job).spawn("task", gate) }.hasMessageContaining("none")
    }

    @Test
    fun aTaskInItsPlaceIsInitializedAndCleanedUp() {
        val task =
            object : dev.reveille.Task("t") {
                override fun init() {
                    loop.log += "init"
                }

                override fun doPoll(cx: Context): Poll<dev.reveille.Complete> = Poll.ready()

                override fun cleanup() {
                    loop.log += "cleanup"
                }
            }
        scope.spawn("outside", task)
        loop.runUntilStalled()
        loop.dispatcher.post { scope.spawn("inside", task) }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("init", "cleanup", "init", "cleanup")
    }

    @Test
    fun tasksOfAScopeThatIsCancelledByAnotherThreadAllEndAndNoneIsLost() {
        val dispatcher = BasicDispatcher()
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.runToCompletion() }
        repeat(50) { round ->
            val ends = AtomicInteger()
            val work = CoroutineScope(dispatcher.asCoroutineDispatcher() + SupervisorJob())
            val canceller = thread { repeat(round) { Thread.yield() }.also { work.coroutineContext.job.cancel() } }
            val handles =
                List(20) { n ->
                    work.spawn(
                        "task $n",
                        object : Pollable<Unit> {
                            var polls = 0

                            override fun poll(cx: Context): Poll<Unit> {
                                if (polls++ < n) {
                                    cx.waker("more").wake()
                                    return Poll.pending()
                                }
                                ends.incrementAndGet()
                                return Poll.ready(Unit)
                            }

                            override fun cancel() {
                                ends.incrementAndGet()
                            }
                        },
                    )
                }
            canceller.join()
            runBlocking { work.coroutineContext.job.cancelAndJoin() }
            handles.forEach { runCatching { it.get() } } // those of a scope that had ended before, it did not wait for
            assertThat(ends.get()).isEqualTo(20)
        }
        guard.close()
        driver.join()
    }
}
