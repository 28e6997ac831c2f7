@file:OptIn(ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.Pollable
import dev.reveille.combine.Select
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.io.IOException
import kotlin.concurrent.thread

class DeferredTest {
    private val loop = TestLoop()
    private val source = CompletableDeferred<String>()

    @Test
    fun thePollIsReadyWhenTheDeferredIsAndAnyThreadWakes() {
        val handle = loop.dispatcher.spawn(source.asPollable())
        loop.runUntilStalled()
        assertThat(loop.tasks().single().waitReason()).isEqualTo("the end of a job")
        thread { source.complete("value") }.join()
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("value")
        assertThat(loop.dispatcher.snapshot().taskPolls()).isEqualTo(2)
    }

    @Test
    fun oneThatHasEndedIsReadyInTheFirstPoll() {
        source.complete("value")
        val handle = loop.dispatcher.spawn(source.asPollable())
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("value")
        assertThat(loop.dispatcher.snapshot().taskPolls()).isEqualTo(1)
    }

    @Test
    fun itsFailureIsThatOfThePollAsItIs() {
        val failure = IOException("broken")
        val before = CompletableDeferred<String>().also { it.completeExceptionally(failure) }
        val handles = listOf(source, before).map { loop.dispatcher.spawn(it.asPollable()) }
        handles.forEach { it.toCompletableFuture() }
        loop.runUntilStalled()
        source.completeExceptionally(failure)
        loop.runUntilStalled()
        assertThat(handles.map { it.failure() }).allMatch { it === failure }
    }

    @Test
    fun aCancelledOneFailsThePollWithItsCancellation() {
        val handle = loop.dispatcher.spawn(source.asPollable())
        handle.toCompletableFuture()
        loop.runUntilStalled()
        source.cancel(CancellationException("no more"))
        loop.runUntilStalled()
        assertThat(handle.failure()).isInstanceOf(CancellationException::class.java).hasMessage("no more")
    }

    @Test
    fun givingUpLeavesItAloneAndTakesTheHandlerOff() {
        val counting = CountingDeferred(source)
        repeat(100) {
            val other = Gate<String>("other")
            val handle = loop.dispatcher.spawn(Select.of(counting.asPollable(), other))
            loop.runUntilStalled()
            assertThat(counting.handlers.get()).isEqualTo(1)
            if (it % 2 == 0) other.open("other") else handle.cancel()
            loop.runUntilStalled()
            assertThat(handle.isDone).isTrue()
            assertThat(counting.handlers.get()).isZero()
        }
        assertThat(source.isActive).isTrue()
    }

    @Test
    fun givingUpBeforeTheFirstPollOrAfterTheEndDoesNothing() {
        val counting = CountingDeferred(source)
        counting.asPollable().cancel()
        assertThat(counting.handlers.get()).isZero()
        source.complete("value")
        val pollable = counting.asPollable()
        loop.dispatcher.spawn(pollable)
        loop.runUntilStalled()
        pollable.cancel()
        assertThat(source.getCompleted()).isEqualTo("value")
    }

    @Test
    fun thePollStartsALazyOne() {
        val lazy =
            loop.scope.async(start = CoroutineStart.LAZY) {
                loop.log += "started"
                "value"
            }
        val pollable = lazy.asPollable()
        loop.runUntilStalled()
        assertThat(loop.log).isEmpty()
        val handle = loop.dispatcher.spawn(pollable)
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("value")
    }

    @Test
    fun eachPollMayHaveAnotherWaker() {
        val inner = source.asPollable()
        val wakes = mutableListOf<Int>()
        var polls = 0
        var again = dev.reveille.Waker.none()
        val handle =
            loop.dispatcher.spawn(
                Pollable { cx: Context ->
                    val poll = ++polls
                    again = cx.waker("inner")
                    val waker = again
                    cx
                        .withWaker {
                            wakes += poll
                            waker.wake()
                        }.pollChild(inner)
                },
            )
        loop.runUntilStalled()
        again.wake()
        loop.runUntilStalled()
        source.complete("value")
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("value")
        assertThat(wakes).containsExactly(2)
    }

    @Test
    fun aCoroutineTaskAwaitsCoroutinesOfOtherDispatchersInItsPolls() {
        val there = CoroutineScope(Dispatchers.Default).async { 20 + 1 }
        val handle =
            loop.dispatcher.spawn(
                loop.dispatcher.pollable {
                    delay(1)
                    there.asPollable().await() * 2
                },
            )
        thread { loop.time.autoAdvance().also { loop.dispatcher.runToCompletion() } }.join()
        assertThat(handle.get()).isEqualTo(42)
    }

    @Test
    fun endsThatRaceWithThePollsAreNotMissed() {
        val dispatcher = BasicDispatcher()
        val handles =
            List(5000) {
                val deferred = CompletableDeferred<Int>()
                val handle = dispatcher.spawn(deferred.asPollable())
                deferred to handle
            }
        val completer = thread { handles.forEachIndexed { n, (deferred) -> deferred.complete(n) } }
        val driver = thread { dispatcher.runToCompletion() }
        handles.forEachIndexed { n, (_, handle) -> assertThat(handle.get()).isEqualTo(n) }
        completer.join()
        driver.join()
    }
}
