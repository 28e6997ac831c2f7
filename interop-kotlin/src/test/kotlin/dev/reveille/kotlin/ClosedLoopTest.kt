package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.sync.Channel
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.util.concurrent.CountDownLatch
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeUnit.SECONDS

/** What is owned is released also where the loop, or one end of a channel, is closed. */
@OptIn(DelicateCoroutinesApi::class)
class ClosedLoopTest {
    private val loop = TestLoop()
    private val released = LinkedBlockingQueue<String>()

    private val owned =
        object : Pollable<Nothing> {
            override fun poll(cx: Context): Poll<Nothing> {
                cx.waker("nothing")
                return Poll.pending()
            }

            override fun cancel() {
                released += "owned"
            }
        }

    /** Runs in the `finally` of a coroutine whose loop was closed. */
    private fun afterTheClose(block: suspend () -> Unit): Throwable {
        val failure = CompletableDeferred<Throwable>()
        loop.scope.launch {
            try {
                CompletableDeferred<Unit>().await()
            } finally {
                failure.complete(runCatching { block() }.exceptionOrNull() ?: AssertionError("did not throw"))
            }
        }
        loop.runUntilStalled()
        loop.dispatcher.close()
        loop.scope.cancel()
        return runBlocking { failure.await() }
    }

    @Test
    fun aValueThatWouldBeSentAfterTheCloseGoesBack() {
        val channel = Channel.bounded<String>(1, "numbers")
        val failure = afterTheClose { channel.awaitSend("value") { released += it } }
        assertThat(failure).isInstanceOf(CancellationException::class.java)
        assertThat(released).containsExactly("value")
        assertThat(channel.size()).isZero()
    }

    @Test
    fun consumeAfterTheCloseReleases() {
        val failure = afterTheClose { owned.consume() }
        assertThat(failure).isInstanceOf(CancellationException::class.java)
        assertThat(released.poll(10, SECONDS)).isEqualTo("owned")
    }

    @Test
    fun consumeOnAClosedLoopInACancelledCoroutineReleases() {
        loop.dispatcher.close()
        runBlocking {
            CoroutineScope(Job().apply { cancel() }).launch(Dispatchers.Default, CoroutineStart.ATOMIC) {
                owned.consume(on = loop.dispatcher)
            }.join()
        }
        assertThat(released.poll(10, SECONDS)).isEqualTo("owned")
    }

    @Test
    fun consumeOnAClosedLoopLeavesThePollableToACallerWhoHearsOfIt() {
        loop.dispatcher.close()
        assertThatThrownBy { runBlocking { owned.consume(on = loop.dispatcher) } }
            .isInstanceOf(RejectedExecutionException::class.java)
        val idle = CountDownLatch(1)
        Dispatchers.IO.dispatch(SupervisorJob()) { idle.countDown() }
        assertThat(idle.await(10, SECONDS)).isTrue
        assertThat(released).isEmpty()
    }

    @Test
    fun aValueIsReportedWhenItsSenderWasClosedByItsOwner() {
        val numbers = Channel.bounded<String>(1, "numbers")
        val sender = numbers.newSender()
        val channel = sender.asSendChannel(loop.scope) { released += it }
        loop.runUntilStalled()
        sender.close()
        loop.scope.launch { channel.send("value") }
        loop.runUntilStalled()

        assertThat(released).containsExactly("value")
        assertThat(loop.uncaught).hasSize(1) // it is a mistake, and heard of
    }

    @Test
    fun aMessageNamesTheCallThatWasMade() {
        fun off(block: suspend () -> Unit) =
            assertThatThrownBy { runBlocking { block() } }.isInstanceOf(IllegalStateException::class.java)
        val channel = Channel.bounded<Int>(1, "numbers")
        off { awaitCallback<Int>("call") { } }.hasMessageContaining("awaitCallback(on = dispatcher)")
        off { channel.awaitSend(1) }.hasMessageContaining("awaitSend(on = dispatcher)")
        off { channel.awaitReceive() }.hasMessageContaining("awaitReceive(on = dispatcher)")
    }
}
