package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.RunOutcome
import dev.reveille.WakerSlot
import dev.reveille.contract.Rig
import dev.reveille.sync.AbstractPollStream
import dev.reveille.sync.Channel
import dev.reveille.sync.PollStream
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.FlowPreview
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.debounce
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.timeout
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.zip
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.io.IOException
import kotlin.time.Duration.Companion.milliseconds

@OptIn(FlowPreview::class)
class PollStreamTest {
    private val loop = TestLoop()
    private val channel = Channel.unbounded<Int>("numbers")
    private val counted = Counted()

    /** Runs [body] in an ordinary coroutine, or in the main flow of a coroutine task; gives its job. */
    private fun start(asTask: Boolean, body: suspend CoroutineScope.() -> Unit): Job {
        if (!asTask) {
            return loop.scope.launch(CoroutineName("collector"), block = body)
        }
        val parent = Job()
        loop.dispatcher.spawn(coroutineTask("collector", parent, body)).toCompletableFuture()
        return parent
    }

    private fun numbers(): PollStream<Int> = channel.newReceiver().asStream()

    private fun send(vararg values: Int): Unit = values.forEach { channel.trySend(it) }

    // ------------------------------------------------------------------ demand

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun anElementIsPolledWhenTheCollectorHasReturnedFromTheOneBefore(asTask: Boolean) {
        val flow = counted.asFlow()
        loop.runUntilStalled()
        assertThat(counted.polls).isZero

        start(asTask) {
            flow.collect {
                loop.log += "$it after ${counted.polls} polls"
                delay(10)
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("1 after 1 polls")

        loop.advance(10)
        assertThat(loop.log).containsExactly("1 after 1 polls", "2 after 2 polls")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun elementsThatAreThereCostNoHop(asTask: Boolean) {
        send(1, 2, 3)
        start(asTask) {
            loop.dispatcher.post { loop.log += "callback" }
            numbers().asFlow().collect { loop.log += "$it" }
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("1", "2", "3", "callback")
    }

    @Test
    fun inACoroutineTaskTheStreamIsPolledInTheTasksOwnPolls() {
        start(asTask = true) { numbers().asFlow().collect { loop.log += "$it" } }
        loop.runUntilStalled()

        assertThat(loop.tasks().map { it.name() }).containsExactly("collector")
        send(1)
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("1")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aStreamThatNeverEndsLetsOthersRun(asTask: Boolean) {
        val job = start(asTask) { counted.asFlow().collect { } }
        loop.dispatcher.post { job.cancel() }

        assertThat(loop.dispatcher.runUntilStalled()).isNotEqualTo(RunOutcome.STEP_LIMIT)
        assertThat(counted.cancels).isEqualTo(1)
    }

    // ------------------------------------------------------------------ the end

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun theEndOfTheStreamIsTheEndOfTheCollection(asTask: Boolean) {
        start(asTask) { loop.log += "${numbers().asFlow().toList()}" }
        loop.runUntilStalled()
        send(1, 2)
        channel.close()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("[1, 2]")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun theFailureOfTheStreamIsThatOfTheCollection(asTask: Boolean) {
        start(asTask) {
            PollStream
                .concat(listOf(PollStream.of(1), PollStream.failed<Int>(IOException("broken"))))
                .asFlow()
                .catch { loop.log += "$it" }
                .collect { loop.log += "$it" }
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("1", "java.io.IOException: broken")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun whoTakesNoMoreCancelsTheStreamBeforeTheCollectionReturns(asTask: Boolean) {
        start(asTask) {
            loop.log += "${counted.asFlow().take(2).toList()} ${counted.cancels}"
            loop.log += "${numbers().asFlow().first()} ${channel.isClosed}"
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("[1, 2] 1")
        send(7, 8)
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("[1, 2] 1", "7 true")
        assertThat(counted.polls).isEqualTo(2)
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aCollectorThatThrowsCancelsTheStream(asTask: Boolean) {
        start(asTask) {
            try {
                counted.asFlow().collect { throw IOException("full") }
            } catch (e: IOException) {
                loop.log += "${e.message} ${counted.cancels}"
            }
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("full 1")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aCancelledCoroutineLeavesNothingWaitingInTheSource(asTask: Boolean) {
        val job = start(asTask) { numbers().asFlow().collect { } }
        loop.runUntilStalled()
        assertThat(channel.waitingReceivers()).isEqualTo(1)

        job.cancel()
        loop.runUntilStalled()

        assertThat(channel.waitingReceivers()).isZero
        assertThat(channel.isClosed).isTrue
        assertThat(loop.tasks()).isEmpty()
        loop.assertNothingUncaught()
    }

    @Test
    fun theFailureOfACancelIsAttachedOrThrown() {
        counted.cancelFailure = IllegalStateException("stuck")
        start(asTask = false) {
            try {
                counted.asFlow().collect { throw IOException("full") }
            } catch (e: IOException) {
                loop.log += "${e.message}, ${e.suppressed.map { it.message }}"
            }
        }
        val second = Counted().apply { cancelFailure = IllegalStateException("stuck") }
        start(asTask = false) { second.asFlow().first() }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("full, [stuck]")
        assertThat(loop.uncaught.map { it.message }).containsExactly("stuck")
    }

    @Test
    fun theStreamIsCancelledWhenItsLoopIsClosed() {
        val job = start(asTask = false) { numbers().asFlow().collect { } }
        loop.runUntilStalled()

        loop.dispatcher.close()
        runBlocking { job.join() }

        assertThat(job.isCancelled).isTrue
        assertThat(channel.waitingReceivers()).isZero
        assertThat(channel.isClosed).isTrue
    }

    // ------------------------------------------------------------------ misuse

    @Test
    fun theSecondCollectionIsRefused() {
        val flow = PollStream.of(1).asFlow()
        start(asTask = false) { loop.log += "${flow.toList()}" }
        start(asTask = false) { flow.toList() }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("[1]")
        assertThat(loop.uncaught).hasSize(1)
        assertThat(loop.uncaught[0])
            .isInstanceOf(IllegalStateException::class.java)
            .hasMessageContaining("a PollStream passes only once")
    }

    @Test
    fun aCollectionOffTheLoopIsRefusedAndLeavesTheStreamAsItIs() {
        val flow = PollStream.of(1).asFlow()
        assertThatThrownBy { runBlocking { flow.toList() } }
            .isInstanceOf(IllegalStateException::class.java)
            .hasMessageContaining("use asFlow(on = dispatcher)")
        start(asTask = false) { loop.log += "${flow.toList()}" }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("[1]")
    }

    // ------------------------------------------------------------------ operators

    @Test
    fun theTimedOperatorsAreOnTheClockOfTheLoop() {
        start(asTask = true) {
            loop.log += "debounced ${numbers().asFlow().debounce(10).first()} at ${loop.now()}"
        }
        start(asTask = true) {
            Channel.rendezvous<Int>().newReceiver().asStream().asFlow()
                .timeout(30.milliseconds)
                .catch { loop.log += "timed out at ${loop.now()}" }
                .collect { }
        }
        loop.runUntilStalled()
        send(1, 2)
        loop.advance(40)

        assertThat(loop.log).containsExactly("debounced 2 at 10", "timed out at 30")
    }

    @Test
    fun buffersAreThoseThatWereAskedFor() {
        start(asTask = true) {
            counted.asFlow().take(6).buffer(2).collect {
                loop.log += "$it of ${counted.polls}"
                delay(10)
            }
        }
        loop.advance(5)
        assertThat(loop.log).containsExactly("1 of 4") // given, two in the buffer, and one that waits for a place

        loop.advance(100)
        assertThat(loop.log).hasSize(6)
    }

    @Test
    fun conflateGivesTheNewest() {
        start(asTask = false) {
            loop.log += "${numbers().asFlow().conflate().onEach { delay(10) }.take(2).toList()}"
        }
        loop.runUntilStalled()
        send(1)
        loop.runUntilStalled()
        send(2, 3, 4)
        loop.advance(50)

        assertThat(loop.log).containsExactly("[1, 4]")
    }

    @Test
    fun twoStreamsAreZipped() {
        start(asTask = true) {
            val zipped = counted.asFlow().zip(numbers().asFlow()) { a, b -> "$a:$b" }
            loop.log += "${zipped.take(2).toList()}"
        }
        loop.runUntilStalled()
        send(5, 6)
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("[1:5, 2:6]")
        assertThat(counted.cancels).isEqualTo(1)
        assertThat(channel.isClosed).isTrue
    }

    // ------------------------------------------------------------------ from elsewhere

    @Test
    fun aFlowIsCollectedInACoroutineOfAnyDispatcher() {
        val other = BasicDispatcher()
        Thread { other.run() }.apply { isDaemon = true }.start()
        send(1, 2, 3)
        val stream = numbers()
        runBlocking {
            val doubled = async(Dispatchers.Default) {
                stream.asFlow(on = other).map { 2 * it }.take(3).toList()
            }
            assertThat(doubled.await()).containsExactly(2, 4, 6)
        }
        other.runSync { } // the stream was cancelled on the loop before this
        assertThat(channel.isClosed).isTrue
        other.close()
    }

    @Test
    fun flowOnMovesThePollsToTheLoop() {
        val other = BasicDispatcher()
        Thread { other.run() }.apply { isDaemon = true }.start()
        send(1, 2, 3)
        channel.close()
        val list = runBlocking { numbers().asFlow().flowOn(other.asCoroutineDispatcher()).toList() }

        assertThat(list).containsExactly(1, 2, 3)
        other.close()
    }

    @Test
    fun cancelledElsewhereTheStreamIsCancelledOnTheLoop() {
        runBlocking {
            val collector = launch(Dispatchers.Default) { numbers().asFlow(on = loop.dispatcher).collect { } }
            Rig.awaitState("a waiting receiver") {
                loop.runUntilStalled()
                channel.waitingReceivers() != 0
            }
            collector.cancelAndJoin()
        }
        loop.runUntilStalled()

        assertThat(channel.waitingReceivers()).isZero
        assertThat(channel.isClosed).isTrue
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun anElementThatIsLostOnItsWayIsReported() {
        val arrived = CompletableDeferred<Unit>()
        runBlocking {
            val collector = launch {
                numbers().asFlow(loop.dispatcher) { loop.log += "undelivered $it" }.collect { arrived.complete(Unit) }
            }
            while (channel.waitingReceivers() == 0) { // the collector runs in this thread, when it gets a turn
                kotlinx.coroutines.yield()
                loop.runUntilStalled()
            }
            send(1)
            loop.runUntilStalled() // polled, and on its way to this thread
            collector.cancel(CancellationException("too late"))
        }
        assertThat(arrived.isCompleted).isFalse
        assertThat(loop.log).containsExactly("undelivered 1")
    }

    /** 1, 2, 3 and so on, for ever. */
    private class Counted : AbstractPollStream<Int>("counted") {
        private val slot = WakerSlot()
        var polls = 0
        var cancels = 0
        var cancelFailure: RuntimeException? = null

        override fun doPollNext(cx: Context): Poll<Int?> {
            if (!cx.tryProceed()) {
                return Poll.pending()
            }
            slot.clear()
            return element(++polls)
        }

        override fun release() {
            cancels++
            cancelFailure?.let { throw it }
        }
    }
}

/** Runs [action] on the loop of a dispatcher that another thread runs, and waits for it. */
internal fun BasicDispatcher.runSync(action: () -> Unit) {
    val done = java.util.concurrent.CountDownLatch(1)
    post {
        action()
        done.countDown()
    }
    check(done.await(5, java.util.concurrent.TimeUnit.SECONDS)) { "the loop did not get to it" }
}
