package dev.reveille.kotlin

import dev.reveille.Pollable
import dev.reveille.sync.Channel
import dev.reveille.sync.ChannelClosedException
import dev.reveille.sync.PollStream
import dev.reveille.sync.TrySendResult
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.ClosedSendChannelException
import kotlinx.coroutines.channels.onFailure
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.CompletableFuture
import kotlinx.coroutines.channels.Channel as KotlinChannel

/** Our channels as Kotlin channels, and Kotlin channels in tasks. */
@OptIn(ExperimentalCoroutinesApi::class)
class KotlinChannelTest {
    private val loop = TestLoop()
    private val ours = Channel.bounded<Int>(4, "ours").onUndelivered { loop.log += "left $it" }
    private val lost = { value: Int -> loop.log += "lost $value" }

    private fun go(body: suspend CoroutineScope.() -> Unit): Job = loop.scope.launch(block = body)

    private fun send(vararg values: Int): Unit = values.forEach { ours.trySend(it) }

    private fun <T> spawn(pollable: Pollable<T>): CompletableFuture<T> =
        loop.dispatcher.spawn("task", pollable).toCompletableFuture()

    private fun drain(stream: PollStream<Int>) = spawn(stream.forEach { loop.log += "$it" })

    // ------------------------------------------------------------------ Receiver as ReceiveChannel

    @Test
    fun aReceiverIsAReceiveChannelWithOneValueOfLookAhead() {
        send(1, 2, 3)
        val channel = ours.newReceiver().asReceiveChannel(loop.scope)
        loop.runUntilStalled()
        assertThat(ours.size()).isEqualTo(2)
        assertThat(channel.tryReceive().getOrNull()).isEqualTo(1)

        go { for (value in channel) loop.log += "$value" }
        loop.runUntilStalled()
        ours.close()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("2", "3")
        assertThat(channel.tryReceive().isClosed).isTrue
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun selectReceivesFromIt() {
        val channel = ours.newReceiver().asReceiveChannel(loop.scope)
        go {
            repeat(2) {
                select {
                    channel.onReceive { loop.log += "$it" }
                    onTimeout(10) { loop.log += "nothing at ${loop.now()}" }
                }
            }
            channel.cancel()
        }
        send(1)
        loop.runUntilStalled()
        loop.advance(10)

        assertThat(loop.log).containsExactly("1", "nothing at 10")
        assertThat(ours.isClosed).isTrue
    }

    @Test
    fun cancelReportsTheLookAheadAndClosesTheReceiver() {
        send(1, 2)
        val channel = ours.newReceiver().asReceiveChannel(loop.scope, onUndelivered = lost)
        loop.runUntilStalled()
        channel.cancel()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("lost 1", "left 2")
        assertThat(ours.isClosed).isTrue
        assertThat(ours.waitingReceivers()).isZero
        loop.assertNothingUncaught()
    }

    @Test
    fun cancelWhileItWaitsLeavesNothingWaiting() {
        val channel = ours.newReceiver().asReceiveChannel(loop.scope, onUndelivered = lost)
        loop.runUntilStalled()
        assertThat(ours.waitingReceivers()).isEqualTo(1)
        channel.cancel(CancellationException("enough"))
        loop.runUntilStalled()

        assertThat(ours.waitingReceivers()).isZero
        assertThat(ours.isClosed).isTrue
        assertThat(loop.scope.coroutineContext.job.children.toList()).isEmpty()
        assertThat(loop.log).isEmpty()
    }

    @Test
    fun aCancelledScopeClosesBothChannels() {
        val scope = CoroutineScope(loop.coroutines + Job())
        send(1, 2)
        val channel = ours.newReceiver().asReceiveChannel(scope, onUndelivered = lost)
        loop.runUntilStalled()
        scope.cancel("enough")
        val late = ours.newReceiver().asReceiveChannel(scope)
        loop.runUntilStalled()

        assertThat(channel.tryReceive().exceptionOrNull()).hasMessage("enough")
        assertThat(late.tryReceive().isClosed).isTrue
        assertThat(loop.log).containsExactly("lost 1", "left 2")
        assertThat(ours.isClosed).isTrue
    }

    @Test
    fun aFailureOfTheReceiveClosesTheChannelWithItAndFailsTheScope() {
        val receiver = ours.newReceiver()
        val other = ours.newReceiver() // so that the channel stays open
        val channel = receiver.asReceiveChannel(loop.scope)
        receiver.close()
        loop.runUntilStalled()

        assertThat(channel.tryReceive().exceptionOrNull()).isInstanceOf(IllegalStateException::class.java)
        assertThat(loop.uncaught).hasSize(1)
        other.close()
    }

    @Test
    fun theCoroutineBetweenMustBeOnALoop() {
        val elsewhere = CoroutineScope(Dispatchers.Default)
        assertThatThrownBy { ours.newReceiver().asReceiveChannel(elsewhere) }
            .isInstanceOf(IllegalArgumentException::class.java)
            .hasMessageContaining("pass context = dispatcher.asCoroutineDispatcher()")
        assertThatThrownBy { ours.newSender().asSendChannel(elsewhere) }
            .isInstanceOf(IllegalArgumentException::class.java)
            .hasMessageContaining("asSendChannel() polls on a loop")
        val channel = ours.newReceiver().asReceiveChannel(elsewhere, loop.coroutines)
        channel.cancel()
        loop.runUntilStalled()
        assertThat(elsewhere.coroutineContext.job.children.toList()).isEmpty()
    }

    // ------------------------------------------------------------------ Sender as SendChannel

    @Test
    fun aSenderIsASendChannelWithOneValueOfLookAhead() {
        val channel = ours.newSender().asSendChannel(loop.scope)
        go {
            for (i in 1..8) {
                channel.send(i)
                loop.log += "sent $i"
            }
            channel.close()
        }
        loop.runUntilStalled()
        assertThat(loop.log).endsWith("sent 5").hasSize(5) // four in the buffer, one on its way

        val received = generateSequence { ours.tryReceive().also { loop.runUntilStalled() } }.toList()
        assertThat(received).isEqualTo((1..8).toList())
        assertThat(ours.isDrained).isTrue
    }

    @Test
    fun whenOurChannelIsClosedTheSendersLearnIt() {
        val channel = ours.newSender().asSendChannel(loop.scope, onUndelivered = lost)
        ours.close()
        repeat(2) {
            go {
                try {
                    channel.send(it)
                    loop.log += "sent $it"
                } catch (e: ClosedSendChannelException) {
                    loop.log += "refused ${rootOf(e) is ChannelClosedException}"
                }
            }
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactlyInAnyOrder("sent 0", "lost 0", "lost 1", "refused true")
        assertThat(channel.trySend(5).exceptionOrNull()).isInstanceOf(ClosedSendChannelException::class.java)
        loop.assertNothingUncaught()
    }

    private fun rootOf(failure: Throwable): Throwable = generateSequence(failure) { it.cause }.last()

    @Test
    fun aCauseOfTheCloseFailsTheScopeAndTheSenderIsClosed() {
        val scope = CoroutineScope(loop.coroutines + SupervisorJob() + loop.scope.coroutineContext)
        val channel = ours.newSender().asSendChannel(scope)
        channel.close(IOException("line is down"))
        loop.runUntilStalled()

        assertThat(ours.isClosed).isTrue
        assertThat(loop.uncaught.map { rootOf(it).message }).containsExactly("line is down")
    }

    @Test
    fun aCancelledScopeReportsTheValueOnItsWay() {
        val scope = CoroutineScope(loop.coroutines + Job())
        val channel = ours.newSender().asSendChannel(scope, onUndelivered = lost)
        send(1, 2, 3, 4)
        go { channel.send(5) }
        go {
            try {
                channel.send(6)
            } catch (e: CancellationException) {
                loop.log += "refused ${e.message}"
            }
        }
        loop.runUntilStalled()
        scope.cancel("enough")
        loop.runUntilStalled()

        assertThat(loop.log).containsExactlyInAnyOrder("lost 5", "lost 6", "refused enough")
        assertThat(ours.waitingSenders()).isZero
        assertThat(ours.isClosed).isTrue
    }

    // ------------------------------------------------------------------ ReceiveChannel as stream

    @Test
    fun aReceiveChannelIsAStreamThatTakesWhatItIsAskedFor() {
        val channel = KotlinChannel<Int>(4)
        repeat(4) { channel.trySend(it) }
        val stream = channel.asPollStream()
        loop.runUntilStalled()
        assertThat(channel.trySend(9).isFailure).isTrue

        spawn(stream.next()).also { loop.runUntilStalled() }
        assertThat(channel.trySend(4).isSuccess).isTrue // one place, not two
        assertThat(channel.trySend(9).isFailure).isTrue

        drain(stream)
        loop.runUntilStalled()
        channel.trySend(5)
        channel.close()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("1", "2", "3", "4", "5")
    }

    @Test
    fun theStreamWaitsBetweenOtherReceiversInItsTurn() {
        val channel = KotlinChannel<Int>()
        go { for (value in channel) loop.log += "coroutine $value" }
        loop.runUntilStalled()
        spawn(channel.asPollStream().forEach { loop.log += "stream $it" })
        loop.runUntilStalled()
        for (i in 1..4) {
            channel.trySend(i)
            loop.runUntilStalled()
        }
        assertThat(loop.log).containsExactly("coroutine 1", "stream 2", "coroutine 3", "stream 4")
    }

    @Test
    fun theCauseOfTheCloseIsTheFailureOfTheStream() {
        val channel = KotlinChannel<Int>(4)
        channel.trySend(1)
        channel.close(IOException("line is down"))
        val done = drain(channel.asPollStream())
        val cancelled = drain(KotlinChannel<Int>().apply { cancel(CancellationException("enough")) }.asPollStream())
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("1")
        assertThatThrownBy { done.get() }.hasStackTraceContaining("line is down")
        assertThatThrownBy { cancelled.get() }.hasStackTraceContaining("enough")
    }

    @Test
    fun theEndOfTheStreamCancelsTheChannel() {
        val channel = KotlinChannel(4, onUndeliveredElement = lost)
        repeat(4) { channel.trySend(it) }
        drain(channel.asPollStream().take(1))
        loop.runUntilStalled()
        assertThat(loop.log).containsExactlyInAnyOrder("0", "lost 1", "lost 2", "lost 3")

        val untouched = KotlinChannel<Int>()
        untouched.asPollStream().cancel()
        assertThat(untouched.trySend(1).isClosed).isTrue
    }

    @Test
    fun aFullKotlinChannelLetsOthersRun() {
        val channel = KotlinChannel<Int>(KotlinChannel.UNLIMITED)
        repeat(1_000) { channel.trySend(it) }
        drain(channel.asPollStream())
        var before = -1
        loop.dispatcher.post { before = loop.log.size }
        loop.runUntilStalled()

        assertThat(before).isBetween(1, 999)
        assertThat(loop.log).hasSize(1_000)
    }

    @Test
    fun aParentThatIsCancelledFailsTheStreamAlsoWhereValuesAreThere() {
        val channel = KotlinChannel<Int>(4)
        val parent = Job()
        val stream = channel.asPollStream(parent)
        channel.trySend(1)
        parent.cancel(CancellationException("enough"))
        val done = drain(stream)
        loop.runUntilStalled()

        assertThat(loop.log).isEmpty()
        assertThatThrownBy { done.get() }.hasStackTraceContaining("enough")
    }

    @Test
    fun aKotlinChannelIsSentIntoOneOfOurs() {
        val channel = KotlinChannel<Int>(8)
        repeat(6) { channel.trySend(it) }
        channel.close()
        spawn(channel.asPollStream().sendTo(ours.newSender()))
        loop.runUntilStalled()
        assertThat(ours.size()).isEqualTo(4)

        val received = generateSequence { ours.tryReceive().also { loop.runUntilStalled() } }.toList()
        assertThat(received).isEqualTo((0..5).toList())
        assertThat(ours.isDrained).isTrue
    }

    // ------------------------------------------------------------------ pollableSend

    @Test
    fun aTaskSendsIntoAKotlinChannelAndWaitsForAPlace() {
        val channel = KotlinChannel<Int>(1)
        val first = spawn(channel.pollableSend(1))
        val second = spawn(channel.pollableSend(2))
        val third = spawn(channel.pollableSend(3))
        loop.runUntilStalled()
        assertThat(listOf(first.isDone, second.isDone)).containsExactly(true, false)

        go { for (value in channel) loop.log += "$value" }
        loop.runUntilStalled()
        assertThat(listOf(second.isDone, third.isDone)).containsOnly(true)
        assertThat(loop.log).containsExactly("1", "2", "3")
    }

    @Test
    fun aSendIntoAClosedKotlinChannelThrowsWhatSendThrows() {
        val closed = KotlinChannel<Int>().apply { close() }
        val broken = KotlinChannel<Int>().apply { close(IOException("line is down")) }
        val results = listOf(spawn(closed.pollableSend(1)), spawn(broken.pollableSend(2)))
        loop.runUntilStalled()

        assertThatThrownBy { results[0].get() }.hasCauseInstanceOf(ClosedSendChannelException::class.java)
        assertThatThrownBy { results[1].get() }.hasStackTraceContaining("line is down")
    }

    @Test
    fun aPollableSendThatIsCancelledSendsNothing() {
        val channel = KotlinChannel(1, onUndeliveredElement = lost)
        channel.trySend(0)
        val handle = loop.dispatcher.spawn("task", channel.pollableSend(1))
        loop.runUntilStalled()
        handle.cancel()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("lost 1")
        assertThat(channel.tryReceive().getOrNull()).isZero
        assertThat(channel.tryReceive().onFailure { assertThat(it).isNull() }.isFailure).isTrue
        channel.pollableSend(7).cancel() // never polled: the caller has the value
        assertThat(loop.log).containsExactly("lost 1")
    }

    @Test
    fun theTryPathsAnswerAtOnce() {
        val channel = ours.newSender().asSendChannel(loop.scope)
        loop.runUntilStalled()
        assertThat(channel.trySend(1).isSuccess).isTrue // the coroutine between waits for one
        assertThat(channel.trySend(2).isFailure).isTrue
        go { delay(1) }
        loop.runUntilStalled()

        assertThat(ours.trySend(3)).isEqualTo(TrySendResult.SENT)
        assertThat(listOf(ours.tryReceive(), ours.tryReceive(), ours.tryReceive())).containsExactly(1, 3, null)
        channel.close()
        loop.runUntilStalled()
    }
}
