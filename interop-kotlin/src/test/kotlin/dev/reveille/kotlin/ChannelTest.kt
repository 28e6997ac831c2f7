package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.sync.Channel
import dev.reveille.sync.ChannelClosedException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource

/** Coroutines at the ends of our channels: `awaitSend`, `awaitReceive`, `for`. */
@OptIn(DelicateCoroutinesApi::class)
class ChannelTest {
    private val loop = TestLoop()
    private val channel = Channel.bounded<Int>(1, "numbers")
    private val rendezvous = Channel.rendezvous<Int>("meeting")

    private fun start(asTask: Boolean, body: suspend CoroutineScope.() -> Unit): Job {
        if (!asTask) {
            return loop.scope.launch(CoroutineName("user"), block = body)
        }
        val parent = Job()
        loop.dispatcher.spawn(coroutineTask("user", parent, body)).toCompletableFuture()
        return parent
    }

    // ------------------------------------------------------------------ to and fro

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aSendWaitsForItsPlaceAndAReceiveForItsValue(asTask: Boolean) {
        start(asTask) {
            for (i in 1..3) {
                channel.awaitSend(i)
                loop.log += "sent $i"
            }
            channel.close()
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("sent 1")
        assertThat(channel.waitingSenders()).isEqualTo(1)

        start(asTask) {
            while (true) {
                loop.log += "got ${channel.awaitReceive() ?: break}"
            }
            loop.log += "end"
        }
        loop.runUntilStalled()

        assertThat(loop.log.filter { it.startsWith("got") }).containsExactly("got 1", "got 2", "got 3")
        assertThat(loop.log).endsWith("end")
        assertThat(loop.log).containsSubsequence("got 1", "sent 3") // and not before there was a place
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun inARendezvousTheTwoMeet(asTask: Boolean) {
        val sender = rendezvous.newSender()
        val receiver = rendezvous.newReceiver()
        start(asTask) {
            sender.use { it.awaitSend(7) }
            loop.log += "sent"
        }
        loop.runUntilStalled()
        assertThat(loop.log).isEmpty()

        start(asTask) {
            for (value in receiver) {
                loop.log += "got $value"
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactlyInAnyOrder("sent", "got 7")
        assertThat(rendezvous.isDrained).isTrue
    }

    @Test
    fun aLoopOverAChannelEndsWithIt() {
        start(asTask = true) {
            for (value in channel) {
                loop.log += "$value"
            }
            loop.log += "end"
        }
        loop.runUntilStalled()
        channel.trySend(1)
        loop.runUntilStalled()
        channel.trySend(2)
        channel.close()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("1", "2", "end")
    }

    @Test
    fun severalCoroutinesShareTheWorkOfOneReceiverInTheirOrder() {
        val receiver = rendezvous.newReceiver()
        for (name in listOf("a", "b")) {
            start(asTask = name == "b") {
                for (value in receiver) {
                    loop.log += "$name$value"
                }
            }
        }
        loop.runUntilStalled()
        for (i in 1..4) {
            rendezvous.trySend(i)
            loop.runUntilStalled()
        }
        assertThat(loop.log).containsExactly("a1", "b2", "a3", "b4")
    }

    @Test
    fun anIteratorIsAskedBeforeItGives() {
        channel.trySend(1)
        start(asTask = false) {
            val values = channel.iterator()
            try {
                values.next()
            } catch (e: NoSuchElementException) {
                loop.log += "${e.message}"
            }
            loop.log += "${values.hasNext()} ${values.hasNext()} ${values.next()}"
        }
        loop.runUntilStalled()

        assertThat(loop.log)
            .containsExactly("next() without a hasNext() that returned true before it", "true true 1")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aLoopThatAlwaysFindsAValueLetsOthersRun(asTask: Boolean) {
        val full = Channel.unbounded<Int>()
        repeat(1_000) { full.trySend(it) }
        var taken = 0
        start(asTask) {
            for (value in full) {
                taken++
            }
        }
        var takenBefore = 0
        loop.dispatcher.post { takenBefore = taken }
        loop.runUntilStalled()

        assertThat(takenBefore).isLessThan(taken)
        assertThat(taken).isEqualTo(1_000)
    }

    // ------------------------------------------------------------------ the end

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aSendIntoAClosedChannelFailsWithItsValue(asTask: Boolean) {
        channel.trySend(0)
        start(asTask) {
            try {
                channel.awaitSend(1)
            } catch (closed: ChannelClosedException) {
                loop.log += "${closed.value()}"
            }
        }
        loop.runUntilStalled()
        channel.close()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("1")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aCancelledSendGivesItsValueBackAndLeavesNothing(asTask: Boolean) {
        channel.trySend(0)
        val job = start(asTask) { channel.awaitSend(1) { loop.log += "back $it" } }
        loop.runUntilStalled()
        job.cancel()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("back 1")
        assertThat(channel.waitingSenders()).isZero
        assertThat(channel.tryReceive()).isZero
        assertThat(channel.tryReceive()).isNull()
    }

    @Test
    fun aCancelledSendWhoseValueWentDoesNotGiveItBack() {
        channel.trySend(0)
        val job = start(asTask = false) { channel.awaitSend(1) { loop.log += "back $it" } }
        loop.runUntilStalled()
        assertThat(channel.tryReceive()).isZero // which hands the place over, and wakes
        job.cancel()
        loop.runUntilStalled()

        assertThat(loop.log).isEmpty()
        assertThat(channel.tryReceive()).isEqualTo(1)
    }

    @Test
    fun aSendOfACancelledCoroutineSendsNothing() {
        val job = loop.scope.launch(start = CoroutineStart.ATOMIC) {
            channel.awaitSend(1) { loop.log += "back $it" }
        }
        job.cancel()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("back 1")
        assertThat(channel.size()).isZero
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun whatWasHandedToACancelledReceiveGoesToTheNext(asTask: Boolean) {
        val first = start(asTask) { loop.log += "first ${channel.awaitReceive()}" }
        start(asTask) { loop.log += "second ${channel.awaitReceive()}" }
        loop.runUntilStalled()
        assertThat(channel.waitingReceivers()).isEqualTo(2)

        channel.trySend(1) // handed to the first, which is cancelled before it looks
        first.cancel()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("second 1")
        assertThat(channel.waitingReceivers()).isZero
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aTimeOutLosesNothing(asTask: Boolean) {
        start(asTask) {
            loop.log += "${withTimeoutOrNull(10) { channel.awaitReceive() }} at ${loop.now()}"
            channel.trySend(5)
            loop.log += "${withTimeoutOrNull(10) { channel.awaitReceive() }}"
        }
        loop.runUntilStalled()
        loop.advance(10)

        assertThat(loop.log).containsExactly("null at 10", "5")
        assertThat(channel.waitingReceivers()).isZero
    }

    // ------------------------------------------------------------------ from elsewhere

    @Test
    fun offTheLoopBothAreRefusedAndNameTheOtherForm() {
        assertThatThrownBy { runBlocking { channel.awaitReceive() } }
            .isInstanceOf(IllegalStateException::class.java)
            .hasMessageContaining("on = dispatcher")
        assertThatThrownBy { runBlocking { channel.newSender().awaitSend(1) } }
            .isInstanceOf(IllegalStateException::class.java)
            .hasMessageContaining("on = dispatcher")
        assertThat(channel.size()).isZero
    }

    @Test
    fun coroutinesOfAnyDispatcherSendAndReceive() {
        val other = BasicDispatcher()
        Thread { other.run() }.apply { isDaemon = true }.start()
        val sender = channel.newSender()
        val receiver = channel.newReceiver()
        val received = runBlocking(Dispatchers.Default) {
            launch { sender.use { for (i in 1..500) it.awaitSend(i, on = other) } }
            buildList { while (true) add(receiver.awaitReceive(on = other) ?: break) }
        }
        assertThat(received).isEqualTo((1..500).toList())
        other.close()
    }

    @Test
    fun whatNeedsNoWaitingNeedsNoLoop() {
        val received = runBlocking {
            // nobody drives the loop
            channel.awaitSend(1, on = loop.dispatcher)
            channel.newReceiver().awaitReceive(on = loop.dispatcher)
        }
        assertThat(received).isEqualTo(1)
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun aCancelledWaitElsewhereLeavesNothing() {
        runBlocking {
            val job = launch(Dispatchers.Default) { channel.awaitReceive(on = loop.dispatcher) }
            while (channel.waitingReceivers() == 0) {
                loop.runUntilStalled()
                yield()
            }
            job.cancelAndJoin()
            withContext(Dispatchers.Default) { } // a cancelled wait does not hold up the others
        }
        loop.runUntilStalled()

        assertThat(channel.waitingReceivers()).isZero
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun aClosedLoopEndsTheWaitsAndGivesTheValueBack() {
        channel.trySend(0)
        val sending = start(asTask = false) { channel.awaitSend(1) { loop.log += "back $it" } }
        loop.runUntilStalled()
        loop.dispatcher.close()
        runBlocking { sending.join() }

        assertThat(sending.isCancelled).isTrue
        assertThat(channel.waitingSenders()).isZero
        assertThat(loop.log).containsExactly("back 1")
    }
}
