package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.RunOutcome
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.asExecutor
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread

class ReveilleDispatcherTest {
    private val loop = TestLoop("main")

    @Test
    fun oneInstanceForEachDispatcher() {
        assertThat(loop.dispatcher.asCoroutineDispatcher()).isSameAs(loop.coroutines)
        assertThat(loop.coroutines.dispatcher).isSameAs(loop.dispatcher)
        assertThat(BasicDispatcher().asCoroutineDispatcher()).isNotEqualTo(loop.coroutines)
    }

    @Test
    fun immediateIsAnotherViewOfTheSameDispatcher() {
        val immediate = loop.coroutines.immediate

        assertThat(immediate).isNotEqualTo(loop.coroutines).isSameAs(immediate.immediate)
        assertThat(immediate.dispatcher).isSameAs(loop.dispatcher)
        assertThat(loop.coroutines.coroutines.child)
            .isEqualTo(loop.coroutines)
            .hasSameHashCodeAs(loop.coroutines)
            .isNotSameAs(loop.coroutines)
    }

    @Test
    fun namesItselfInDumps() {
        assertThat(loop.coroutines).hasToString("ReveilleDispatcher[main]")
        assertThat(loop.coroutines.immediate).hasToString("ReveilleDispatcher[main].immediate")
    }

    @Test
    fun segmentsShareOneFifoWithCallbacks() {
        loop.dispatcher.post { loop.log += "callback 1" }
        loop.scope.launch {
            loop.log += "coroutine a"
            yield()
            loop.log += "coroutine b"
        }
        loop.dispatcher.post { loop.log += "callback 2" }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("callback 1", "coroutine a", "callback 2", "coroutine b")
    }

    @Test
    fun nothingRunsInPlaceSoYieldingForLongNeedsNoStack() {
        var yields = 0
        loop.scope.launch {
            repeat(100_000) {
                yield()
                yields++
            }
        }
        assertThat(yields).isZero()
        assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE)
        assertThat(yields).isEqualTo(100_000)
    }

    @Test
    fun segmentsAreCountedAsBlocksOfTheirOwner() {
        repeat(5) { loop.scope.launch { yield() } }
        loop.runUntilStalled()

        assertThat(loop.coroutines.resumptions).isEqualTo(10)
        assertThat(loop.dispatcher.snapshot().callbacks()).isZero()
    }

    @Test
    fun limitedParallelismIsTheDispatcherItself() {
        assertThat(loop.coroutines.limitedParallelism(1)).isSameAs(loop.coroutines)
        assertThat(loop.coroutines.limitedParallelism(8, "pool")).isSameAs(loop.coroutines)
        assertThatThrownBy { loop.coroutines.limitedParallelism(0) }.isInstanceOf(IllegalArgumentException::class.java)
    }

    @Test
    fun immediateResumesInPlaceOnTheLoopAndQueuesElsewhere() {
        loop.scope.launch(loop.coroutines.immediate) { loop.log += "from outside" }
        assertThat(loop.log).isEmpty()

        loop.dispatcher.post {
            loop.scope.launch(loop.coroutines.immediate) {
                loop.log += "in place"
                yield()
                loop.log += "after yield"
            }
            loop.log += "callback"
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("from outside", "in place", "callback", "after yield")
    }

    @Test
    fun withContextOfTheSameDispatcherDoesNotQueue() {
        loop.scope.launch {
            loop.dispatcher.post { loop.log += "callback" }
            withContext(loop.coroutines + CoroutineName("inner")) { loop.log += "inner" }
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("inner", "callback")
    }

    @Test
    fun aForeignThreadResumesThroughTheInboxOfASleepingLoop() {
        val channel = Channel<Int>(Channel.UNLIMITED)
        val receiving = CountDownLatch(1)
        val guard = loop.dispatcher.workGuard()
        loop.scope.launch {
            receiving.countDown()
            repeat(1000) { loop.log += channel.receive().toString() }
            guard.close()
        }
        val sender =
            thread {
                receiving.await(10, SECONDS)
                repeat(1000) { channel.trySend(it) }
            }
        assertThat(loop.dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE)
        sender.join()

        assertThat(loop.log).containsExactlyElementsOf((0 until 1000).map { it.toString() })
    }

    @Test
    fun theLoopSurvivesARunnableThatThrows() {
        val failure = IllegalStateException("from asExecutor()")
        loop.coroutines.asExecutor().execute { throw failure }
        loop.scope.launch { loop.log += "next" }
        loop.runUntilStalled()

        assertThat(loop.uncaught).containsExactly(failure)
        assertThat(loop.log).containsExactly("next")
    }
}
