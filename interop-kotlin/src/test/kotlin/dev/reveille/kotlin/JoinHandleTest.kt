@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.JoinHandle
import dev.reveille.Poll
import dev.reveille.Pollable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

class JoinHandleTest {
    private val loop = TestLoop()
    private val gate = Gate<String>()

    private fun Deferred<*>.failure(): Throwable = getCompletionExceptionOrNull()!!

    @Test
    fun itCompletesWithTheValueForCoroutinesAnywhere() {
        val deferred = loop.dispatcher.spawn("task", gate).asDeferred()
        var here: String? = null
        loop.scope.launch { here = deferred.await() }
        loop.runUntilStalled()
        assertThat(deferred.isActive).isTrue()
        val there = CompletableDeferred<String>()
        val started = CompletableDeferred<Unit>()
        val waiter =
            thread {
                runBlocking(Dispatchers.Default) {
                    started.complete(Unit)
                    there.complete(deferred.await())
                }
            }
        runBlocking { started.await() }
        gate.open("value")
        loop.runUntilStalled()
        waiter.join()
        assertThat(here).isEqualTo("value")
        assertThat(there.getCompleted()).isEqualTo("value")
        assertThat(deferred.getCompleted()).isEqualTo("value")
    }

    @Test
    fun itCompletesWithTheFailureWhichCountsAsTaken() {
        val failure = IOException("broken")
        val deferred = loop.dispatcher.spawn(Pollable<Unit> { throw failure }).asDeferred()
        loop.runUntilStalled()
        assertThat(deferred.failure()).isSameAs(failure)
        assertThat(deferred.isCancelled).isTrue()
        loop.assertNothingUncaught()
    }

    @Test
    fun ofATaskThatHasEndedItIsThereAtOnce() {
        val done = loop.dispatcher.spawn(Pollable { Poll.ready("value") })
        val failed = loop.dispatcher.spawn(Pollable<Unit> { throw IOException("broken") })
        loop.runUntilStalled()
        assertThat(done.asDeferred().getCompleted()).isEqualTo("value")
        assertThat(failed.asDeferred().failure()).hasMessage("broken")
        assertThat(loop.uncaught.single()).hasMessage("broken") // nobody had joined by then
    }

    @Test
    fun aCancelledTaskCancelsIt() {
        val handle = loop.dispatcher.spawn("task", gate)
        val deferred = handle.asDeferred()
        loop.runUntilStalled()
        handle.cancel()
        loop.runUntilStalled()
        assertThat(deferred.isCancelled).isTrue()
        assertThat(deferred.failure()).isInstanceOf(CancellationException::class.java).hasMessageContaining("'task'")
    }

    @Test
    fun cancellingItCancelsTheTaskAndItEndsWithTheTask() {
        val handle = loop.dispatcher.spawn(gate)
        val deferred = handle.asDeferred()
        loop.runUntilStalled()
        thread { deferred.cancel(CancellationException("no more")) }.join()
        assertThat(deferred.isCancelled).isTrue()
        assertThat(deferred.isCompleted).isFalse()
        loop.runUntilStalled()
        assertThat(handle.isDone).isTrue()
        assertThat(gate.cancels).isEqualTo(1)
        assertThat(deferred.isCompleted).isTrue()
        assertThat(deferred.failure()).hasMessage("no more")
    }

    @Test
    fun aValueThatWasThereFirstStaysWithTheHandle() {
        var deferred: Deferred<String>? = null
        val handle: JoinHandle<String> =
            loop.dispatcher.spawn(
                Pollable {
                    deferred!!.cancel()
                    Poll.ready("value")
                },
            )
        deferred = handle.asDeferred()
        loop.runUntilStalled()
        assertThat(deferred.isCancelled).isTrue()
        assertThat(handle.get()).isEqualTo("value")
    }

    @Test
    fun aFailureThatWasThereFirstIsNotLostInTheCancellation() {
        var deferred: Deferred<Unit>? = null
        val parent = SupervisorJob()
        val handle =
            loop.dispatcher.spawn(
                Pollable<Unit> {
                    deferred!!.cancel()
                    throw IOException("first")
                },
            )
        deferred = handle.asDeferred(parent)
        loop.runUntilStalled()
        assertThat(deferred.failure()).isInstanceOf(IOException::class.java).hasMessage("first")
        loop.assertNothingUncaught()
    }

    @Test
    fun whoStopsAwaitingLeavesTaskAndDeferredAlone() {
        val handle = loop.dispatcher.spawn(gate)
        val deferred = handle.asDeferred()
        val waiter = loop.scope.launch { deferred.await() }
        loop.runUntilStalled()
        waiter.cancel()
        loop.runUntilStalled()
        assertThat(deferred.isActive).isTrue()
        gate.fail(IOException("broken"))
        loop.runUntilStalled()
        assertThat(deferred.failure()).hasMessage("broken")
        loop.assertNothingUncaught()
    }

    @Test
    fun theCloseOfTheDispatcherCancelsIt() {
        val begun = loop.dispatcher.spawn("begun", gate).asDeferred()
        loop.runUntilStalled()
        val unbegun = loop.dispatcher.spawn("unbegun", coroutineTask { }).asDeferred()
        loop.dispatcher.close()
        val refused = loop.dispatcher.spawn("refused", gate).asDeferred()
        for (deferred in listOf(begun, unbegun, refused)) {
            assertThat(deferred.isCompleted).isTrue()
            assertThat(deferred.failure()).isInstanceOf(CancellationException::class.java)
        }
    }

    @Test
    fun withAParentItIsAChildOfIt() {
        val parent = Job()
        val deferred = loop.dispatcher.spawn("task", gate).asDeferred(parent)
        assertThat(parent.children.toList()).hasSize(1)
        loop.runUntilStalled()
        parent.cancel()
        assertThat(parent.isCompleted).isFalse()
        loop.runUntilStalled()
        assertThat(gate.cancels).isEqualTo(1)
        assertThat(listOf(parent, deferred)).allMatch { it.isCompleted && it.isCancelled }

        val strict = Job()
        loop.dispatcher.spawn(Pollable<Unit> { throw IOException("broken") }).asDeferred(strict)
        val supervising = SupervisorJob()
        loop.dispatcher.spawn(Pollable<Unit> { throw IOException("broken") }).asDeferred(supervising)
        loop.runUntilStalled()
        assertThat(strict.isCancelled).isTrue()
        assertThat(supervising.isCancelled).isFalse()
        assertThat(parent.children.toList() + supervising.children).isEmpty()

        val late = Gate<String>()
        val handle = loop.dispatcher.spawn(late)
        assertThat(handle.asDeferred(parent).isCancelled).isTrue()
        loop.runUntilStalled()
        assertThat(handle.isDone).isTrue()
        assertThat(late.polls).isZero()
    }

    @Test
    fun aTaskThatIsJoinedByItsOwnDeferredOnItsLoopKeepsTheOrderOfTheLoop() {
        loop.scope.launch {
            val deferred = loop.dispatcher.spawn(Pollable { cx: Context -> Poll.ready(cx.taskName()) }).asDeferred()
            loop.dispatcher.post { loop.log += "posted after the task" }
            deferred.await()
            loop.log += "awaited"
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("posted after the task", "awaited")
    }

    @Test
    fun awaitOfAFailedOneThrowsItsFailure() {
        val deferred = loop.dispatcher.spawn(Pollable<Unit> { throw IOException("broken") }).asDeferred()
        loop.runUntilStalled()
        assertThatThrownBy { runBlocking { deferred.await() } }
            .isInstanceOf(IOException::class.java)
            .hasMessage("broken")
    }

    @Test
    fun cancellationsAndEndsThatRaceLoseNothing() {
        val dispatcher = BasicDispatcher()
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.runToCompletion() }
        val ended = AtomicInteger()
        val cancelled = AtomicInteger()
        repeat(2000) { n ->
            val handle = dispatcher.spawn(Pollable { Poll.ready(n) })
            val deferred = handle.asDeferred()
            runBlocking {
                if (n % 2 == 0) deferred.cancelAndJoin() else withContext(Dispatchers.IO) { deferred.cancelAndJoin() }
            }
            assertThat(handle.isDone).isTrue() // it ends with the task, not before
            if (deferred.isCancelled) {
                cancelled.incrementAndGet()
            } else {
                assertThat(deferred.getCompleted()).isEqualTo(n)
                ended.incrementAndGet()
            }
        }
        guard.close()
        driver.join()
        assertThat(ended.get() + cancelled.get()).isEqualTo(2000)
    }
}
