@file:OptIn(InternalForInheritanceCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.callback.CallOptions
import dev.reveille.callback.Overflow
import dev.reveille.sync.Channel
import dev.reveille.sync.PollStream
import kotlinx.coroutines.InternalForInheritanceCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.ChannelIterator
import kotlinx.coroutines.channels.ReceiveChannel
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.startCoroutine
import kotlinx.coroutines.channels.Channel as KotlinChannel

/**
 * Another thread cancels right after the code has looked whether the coroutine is active: after the first look, the second,
 * and so on. Whenever that is, each element is delivered, or undelivered, or has never been taken; and once.
 */
class CancelledInBetweenTest {
    private val delivered = mutableListOf<Int>()
    private val undelivered = mutableListOf<Int>()

    /** Runs [body] once for each look, and a last time when there is none left. */
    private fun atEachLook(body: suspend (TestLoop) -> Unit, check: () -> Unit) {
        var looks = 0
        do {
            val loop = TestLoop()
            val job = FickleJob(Job(), ++looks)
            delivered.clear()
            undelivered.clear()
            suspend { body(loop) }.startCoroutine(Continuation(loop.coroutines + job) { })
            loop.runUntilStalled()
            val isTripped = job.isCancelled
            assertThat(loop.uncaught).describedAs("cancelled after look %s", looks).isEmpty()
            check()
        } while (isTripped)
        assertThat(looks).isGreaterThan(2)
    }

    @Test
    fun anElementOfACallbackIsNeverLost() {
        atEachLook(
            body = {
                callbackStream<Int>("feed", Overflow.unbounded(), { undelivered += it }) { emitter ->
                    (1..3).forEach(emitter::next)
                    emitter.complete()
                    AutoCloseable { }
                }.collect { delivered += it }
            },
        ) {
            if (delivered.isNotEmpty() || undelivered.isNotEmpty()) { // else it was never registered
                assertThat(delivered + undelivered).containsExactly(1, 2, 3)
            }
        }
    }

    @Test
    fun anElementOfAStreamIsNeverLost() {
        var taken = 0
        atEachLook(
            body = {
                taken = 0
                val stream = PollStream.of(1, 2, 3).map { element -> element.also { taken++ } }
                stream.asFlow(onUndelivered = { undelivered += it }).collect { delivered += it }
            },
        ) {
            assertThat(delivered + undelivered).isEqualTo((1..taken).toList())
        }
    }

    @Test
    fun aValueThatIsReceivedIsNeverLost() {
        val channel = Channel.bounded<Int>(1, "numbers")
        atEachLook(
            body = {
                channel.tryReceive()
                channel.trySend(1)
                channel.awaitReceive { undelivered += it }?.let { delivered += it }
            },
        ) {
            assertThat((delivered + undelivered).size + channel.size()).isEqualTo(1)
        }
    }

    @Test
    fun aValueThatIsSentIsNeverLost() {
        val channel = Channel.bounded<Int>(1, "numbers")
        atEachLook(
            body = {
                channel.tryReceive()
                channel.awaitSend(1) { undelivered += it }
            },
        ) {
            assertThat(undelivered.size + channel.size()).isEqualTo(1)
        }
    }

    @Test
    fun whatACallbackBringsIsClosedIfTheOptionsSaySo() {
        var isOpen = false
        atEachLook(
            body = {
                isOpen = false
                val options = CallOptions.defaults<AutoCloseable>().closeLateValues()
                awaitCallback("open", options) { completer ->
                    isOpen = true
                    completer.complete(AutoCloseable { isOpen = false })
                }
                delivered += 1
            },
        ) {
            assertThat(isOpen).isEqualTo(delivered.isNotEmpty())
        }
    }

    @Test
    fun anElementOfAKotlinChannelIsNotLostOnItsWayToTheStream() {
        val loop = TestLoop()
        val parent = Job()
        val channel = KotlinChannel<Int>(1, onUndeliveredElement = { undelivered += it })
        val stream = Meddling(channel, meddle = parent::cancel).asPollStream(parent)
        val done = loop.dispatcher.spawn("reader", stream.forEach { delivered += it }).toCompletableFuture()
        loop.runUntilStalled()
        channel.trySend(1)
        loop.runUntilStalled()

        assertThat(delivered + undelivered).containsExactly(1)
        assertThat(done).isCompletedExceptionally
    }

    /** Does something between the receive of an element and what is done with it. */
    private class Meddling<E>(private val channel: ReceiveChannel<E>, private val meddle: () -> Unit) :
        ReceiveChannel<E> by channel {
        override fun iterator(): ChannelIterator<E> {
            val elements = channel.iterator()
            return object : ChannelIterator<E> by elements {
                override fun next(): E = elements.next().also { meddle() }
            }
        }
    }
}

/** A job that is cancelled right after it was found active for the nth time. */
private class FickleJob(private val job: Job, private var looksLeft: Int) : Job by job {
    override val isActive: Boolean
        get() = job.isActive.also {
            if (--looksLeft == 0) {
                job.cancel()
            }
        }

    @Suppress("UNCHECKED_CAST")
    override fun <E : CoroutineContext.Element> get(key: CoroutineContext.Key<E>): E? =
        if (key === Job) this as E else null

    override fun <R> fold(initial: R, operation: (R, CoroutineContext.Element) -> R): R = operation(initial, this)

    override fun minusKey(key: CoroutineContext.Key<*>): CoroutineContext =
        if (key === Job) EmptyCoroutineContext else this
}
