package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.StopSource
import dev.reveille.sync.PollStream
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit

class FlowTest {
    private val loop = TestLoop()

    private val noisy = flow {
        for (i in 1..3) {
            loop.log += "make $i"
            emit(i)
        }
        loop.log += "made all"
    }

    private fun <T : Any> drain(stream: PollStream<T>) {
        loop.dispatcher.spawn("reader", stream.forEach { loop.log += "$it" }).toCompletableFuture()
    }

    /** Polls once, and writes down what came of it. */
    private fun <T : Any> pollOnce(stream: PollStream<T>) {
        loop.dispatcher.spawn(
            "reader",
            Pollable { cx: Context ->
                val poll = stream.pollNext(cx)
                loop.log += if (poll.isReady) "got ${poll.value()}" else "pending"
                Poll.ready(Unit)
            },
        )
        loop.runUntilStalled()
    }

    // ------------------------------------------------------------------ demand

    @Test
    fun theFlowGoesOnWhenItsNextElementIsAskedFor() {
        val stream = noisy.asPollStream()
        loop.runUntilStalled()
        assertThat(loop.log).isEmpty()

        pollOnce(stream)
        assertThat(loop.log).containsExactly("make 1", "got 1")
        pollOnce(stream)
        assertThat(loop.log).containsExactly("make 1", "got 1", "make 2", "got 2")
        pollOnce(stream)
        pollOnce(stream)
        assertThat(loop.log).endsWith("make 3", "got 3", "made all", "got null")
    }

    @Test
    fun theFlowRunsInThePollsOfItsReaderAndWakesNobodyWithoutNeed() {
        drain(flowOf(1, 2, 3).asPollStream())
        loop.dispatcher.post { loop.log += "callback" }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("1", "2", "3", "callback")
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun aFlowWithoutAnEndLetsOthersRun() {
        val handle = loop.dispatcher.spawn("reader", flow { while (true) emit(1) }.asPollStream().forEach { })
        loop.dispatcher.post { handle.cancel() }
        loop.runUntilStalled()

        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun aSuspendedFlowIsPendingAndWakesItsReader() {
        drain(
            flow {
                delay(10)
                emit(loop.now())
                emit(loop.gate.await())
            }.asPollStream(),
        )
        loop.runUntilStalled()
        loop.advance(20)
        assertThat(loop.log).containsExactly("10")

        loop.gate.open("open")
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("10", "open")
    }

    private val TestLoop.gate: Gate<String> get() = theGate
    private val theGate = Gate<String>()

    // ------------------------------------------------------------------ the end

    @Test
    fun theFailureOfTheFlowIsTheFailureOfTheStream() {
        val failure = IOException("broken")
        val handle = loop.dispatcher.spawn(
            "reader",
            flow {
                emit(1)
                throw failure
            }.asPollStream().toList(),
        )
        val future = handle.toCompletableFuture()
        loop.runUntilStalled()

        assertThatThrownBy { future.get() }.isInstanceOf(ExecutionException::class.java).hasCause(failure)
    }

    @Test
    fun cancelRunsTheFinallyOfTheFlow() {
        val stream = flow {
            try {
                emit(1)
                loop.log += "not reached"
            } finally {
                loop.log += "finally"
                withContext(NonCancellable) { delay(10) }
                loop.log += "released at ${loop.now()}"
            }
        }.asPollStream()
        pollOnce(stream)
        loop.dispatcher.post { stream.cancel() }
        loop.runUntilStalled()
        loop.advance(10)

        assertThat(loop.log).containsExactly("got 1", "finally", "released at 10")
        loop.assertNothingUncaught()
    }

    @Test
    fun aStreamThatIsCancelledBeforeItsFirstPollNeverBegins() {
        val stream = noisy.asPollStream()
        stream.cancel()
        loop.runUntilStalled()

        assertThat(loop.log).isEmpty()
        assertThatThrownBy { pollOnce(stream).also { loop.uncaught.firstOrNull()?.let { throw it } } }
            .hasMessageContaining("it was cancelled")
    }

    @Test
    fun takeCancelsTheCollection() {
        drain(
            flow {
                try {
                    emit(1)
                    emit(2)
                } finally {
                    loop.log += "finally"
                }
            }.asPollStream().take(1),
        )
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("1", "finally")
    }

    @Test
    fun aStoppedTaskCancelsTheCollection() {
        val stream = flow<Int> {
            try {
                delay(1_000)
            } finally {
                loop.log += "finally"
            }
        }.asPollStream()
        val source = StopSource()
        val future = loop.dispatcher.spawnUnder(source.token(), "reader", stream.toList()).toCompletableFuture()
        loop.runUntilStalled()
        source.stop()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("finally")
        assertThat(future.isDone).isTrue
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun aFlowThatEmitsInFinallyIsNotHeard() {
        val stream = flow {
            try {
                emit(1)
            } finally {
                emit(2)
            }
        }.asPollStream()
        pollOnce(stream)
        loop.dispatcher.post { stream.cancel() }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("got 1")
    }

    @Test
    fun aCancelledParentFailsTheStream() {
        val parent = Job()
        val handle = loop.dispatcher.spawn("reader", flow<Int> { delay(1_000) }.asPollStream(parent).toList())
        val future = handle.toCompletableFuture()
        loop.runUntilStalled()
        parent.cancel("enough")
        loop.runUntilStalled()

        assertThatThrownBy { future.get() }.hasStackTraceContaining("enough")
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun aParentThatIsCancelledBetweenTwoElementsFailsTheNextPoll() {
        val parent = Job()
        val stream = noisy.asPollStream(parent + CoroutineName("numbers"))
        pollOnce(stream)
        parent.cancel("enough")
        val failed = loop.dispatcher.spawn("reader", stream.next()).toCompletableFuture()
        loop.runUntilStalled()

        assertThatThrownBy { failed.get() }.hasStackTraceContaining("enough")
        assertThat(loop.log).containsExactly("make 1", "got 1")
        assertThat("$stream").isEqualTo("numbers")
    }

    // ------------------------------------------------------------------ what flows do

    @Test
    fun flowsThatRunElsewhereComeBackToTheLoop() {
        val dispatcher = BasicDispatcher()
        val threads = ConcurrentLinkedQueue<String>()
        val stream = flow {
            for (i in 1..100) {
                threads += Thread.currentThread().name.substringBefore(" @")
                emit(i)
            }
        }.flowOn(Dispatchers.Default).map {
            check(dispatcher.onLoop())
            it * 2
        }.asPollStream()
        val list = dispatcher.spawn("reader", stream.toList()).toCompletableFuture()
        while (!list.isDone) {
            dispatcher.runFor(java.time.Duration.ofMillis(10))
        }
        assertThat(list.get(5, TimeUnit.SECONDS)).isEqualTo((1..100).map { it * 2 })
        assertThat(threads).noneMatch { it == Thread.currentThread().name.substringBefore(" @") }
        dispatcher.close()
    }

    @Test
    fun channelFlowAndCallbackFlowWork() {
        drain(
            channelFlow {
                launch { repeat(2) { send("a") } }
                launch { repeat(2) { send("b") } }
            }.asPollStream(),
        )
        var unregistered = false
        lateinit var callback: (String) -> Unit
        val stream = callbackFlow {
            callback = { trySend(it) }
            awaitClose { unregistered = true }
        }.asPollStream()
        drain(stream.take(2))
        loop.runUntilStalled()
        assertThat(loop.log).containsExactlyInAnyOrder("a", "a", "b", "b")

        callback("x")
        callback("y")
        loop.runUntilStalled()
        assertThat(loop.log).endsWith("x", "y")
        assertThat(unregistered).isTrue
    }

    @Test
    fun sharedAndStateFlowsAreGivenUpByACancel() {
        val shared = MutableSharedFlow<Int>()
        val state = MutableStateFlow(10)
        val readers = listOf(
            loop.dispatcher.spawn("shared", shared.asPollStream().forEach { loop.log += "$it" }),
            loop.dispatcher.spawn("state", state.asPollStream().forEach { loop.log += "$it" }),
        )
        loop.runUntilStalled()
        loop.scope.launch { shared.emit(1) }
        state.value = 11
        loop.runUntilStalled()
        assertThat(loop.log).containsExactlyInAnyOrder("10", "1", "11")
        assertThat(shared.subscriptionCount.value).isEqualTo(1)

        readers.forEach { it.cancel() }
        loop.runUntilStalled()
        assertThat(shared.subscriptionCount.value + state.subscriptionCount.value).isZero
        loop.assertNothingUncaught()
    }

    @Test
    fun aStreamOfAFlowOfAStreamIsTheStream() {
        val stream = PollStream.of(1, 2, 3).asFlow().map { it * it }.asPollStream()
        drain(stream)
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("1", "4", "9")
    }

    // ------------------------------------------------------------------ misuse

    @Test
    fun anEmissionFromAnotherCoroutineIsRefused() {
        val unruly = object : Flow<Int> {
            override suspend fun collect(collector: FlowCollector<Int>) {
                coroutineScope { launch { collector.emit(1) } }
            }
        }
        val list = loop.dispatcher.spawn("reader", unruly.asPollStream().toList()).toCompletableFuture()
        loop.runUntilStalled()

        assertThatThrownBy { list.get() }.hasMessageContaining("emit in the collecting coroutine")
    }

    @Test
    fun aStreamStaysOnTheLoopWhereItBegan() {
        val stream = noisy.asPollStream()
        pollOnce(stream)
        val other = BasicDispatcher()
        val next = other.spawn("stranger", stream.next()).toCompletableFuture()
        other.runUntilStalled()

        assertThatThrownBy { next.get() }.hasMessageContaining("was polled on").hasMessageContaining("'stranger'")
        loop.runUntilStalled()
        other.close()
    }

    @Test
    fun theContextOfTheFlowHasWhatWasGiven() {
        drain(
            flow {
                emit(currentCoroutineContext()[CoroutineName]!!.name)
                currentCoroutineContext().cancel(CancellationException("by itself"))
                delay(1)
            }.asPollStream(CoroutineName("mine") + Dispatchers.IO),
        )
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("mine")
    }
}
