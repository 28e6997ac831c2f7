package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.RunOutcome
import dev.reveille.TaskSnapshot
import dev.reveille.Timer
import dev.reveille.WakerSlot
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
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
import java.io.IOException
import java.time.Duration
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

class AwaitTest {
    private val loop = TestLoop()
    private val gate = Gate<String>()

    /** Of tests whose pollable cancels the coroutine that awaits it. */
    private var job: Job? = null

    /** Runs [body] in an ordinary coroutine, or in the main flow of a coroutine task; gives its job. */
    private fun start(asTask: Boolean, body: suspend CoroutineScope.() -> Unit): Job {
        if (!asTask) {
            return loop.scope.launch(CoroutineName("reader"), block = body)
        }
        val parent = Job()
        loop.dispatcher.spawn(coroutineTask("reader", parent, body)).toCompletableFuture()
        return parent
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun theFirstPollIsInline(asTask: Boolean) {
        gate.open("hello")
        start(asTask) {
            loop.dispatcher.post { loop.log += "callback" }
            loop.log += gate.await()
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("hello", "callback")
        assertThat(gate.polls).isEqualTo(1)
        assertThat(gate.polledBy).isEqualTo("reader")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun theResumptionCostsNoSecondHop(asTask: Boolean) {
        start(asTask) { loop.log += gate.await() }
        assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP)

        loop.dispatcher.post {
            gate.open("hello")
            loop.dispatcher.post { loop.log += "callback" } // behind the wake, and so behind the resumption
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("hello", "callback")
        assertThat(gate.polls).isEqualTo(2)
        assertThat(loop.dispatcher.lastRunSteps()).isEqualTo(3)
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aWaitingCoroutineIsWorkAndInTheSnapshotWithNameAndReason(asTask: Boolean) {
        start(asTask) { gate.await() }
        loop.runUntilStalled()

        val task = loop.tasks().single()
        assertThat(task.name()).isEqualTo("reader")
        assertThat(task.state()).isEqualTo(TaskSnapshot.State.SLEEPING)
        assertThat(task.waitReason()).isEqualTo("the gate")

        val opener = thread { gate.open("hello") }
        assertThat(loop.dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE)
        opener.join()
        assertThat(loop.tasks()).isEmpty()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aFailureIsThrown(asTask: Boolean) {
        val early = Gate<String>().apply { fail(IOException("early")) }
        start(asTask) {
            for (source in listOf(early, gate)) {
                try {
                    source.await()
                } catch (e: IOException) {
                    loop.log += e.message!!
                }
            }
        }
        loop.runUntilStalled()
        gate.fail(IOException("late"))
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("early", "late")
        loop.assertNothingUncaught()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun cancellationStopsThePollingAndLeavesTheSourceAlone(asTask: Boolean) {
        val job =
            start(asTask) {
                try {
                    gate.await()
                } finally {
                    loop.log += "cancelled"
                }
            }
        loop.runUntilStalled()
        job.cancel()
        loop.runUntilStalled()
        gate.open("late")
        assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE)

        assertThat(loop.log).containsExactly("cancelled")
        assertThat(gate.polls).isEqualTo(1)
        assertThat(gate.cancels).isZero()
        assertThat(loop.tasks()).isEmpty()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun consumeAlsoCancelsTheSource(asTask: Boolean) {
        val job = start(asTask) { gate.consume() }
        loop.runUntilStalled()
        assertThat(gate.cancels).isZero()
        thread { job.cancel() }.join()
        loop.runUntilStalled()

        assertThat(gate.cancels).isEqualTo(1)
        assertThat(loop.tasks()).isEmpty()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun consumeLeavesAFinishedSourceAlone(asTask: Boolean) {
        val failing = Gate<String>().apply { fail(IOException("broken")) }
        gate.open("hello")
        start(asTask) {
            loop.log += gate.consume()
            loop.log += runCatching { failing.consume() }.exceptionOrNull()!!.message!!
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("hello", "broken")
        assertThat(gate.cancels + failing.cancels).isZero()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aCancelledCoroutinePollsNothing(asTask: Boolean) {
        val owned = Gate<String>()
        start(asTask) {
            coroutineContext[Job]!!.cancel()
            loop.log += "${runCatching { gate.await() }.exceptionOrNull() is CancellationException}"
            loop.log += "${runCatching { owned.consume() }.exceptionOrNull() is CancellationException}"
        }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("true", "true")
        assertThat(gate.polls + owned.polls).isZero()
        assertThat(owned.cancels).isEqualTo(1)
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aValueThatLosesAgainstACancellationGoesToOnUndelivered(asTask: Boolean) {
        val slot = WakerSlot()
        var polls = 0
        val racing =
            Pollable { cx: Context ->
                slot.register(cx, "racing")
                if (++polls == 1) {
                    Poll.pending()
                } else {
                    thread { job!!.cancel() }.join() // another thread, in the middle of the poll that is ready
                    Poll.ready("resource")
                }
            }
        job =
            start(asTask) {
                try {
                    loop.log += "got " + racing.await { loop.log += "undelivered $it" }
                } catch (e: CancellationException) {
                    loop.log += "cancelled"
                }
            }
        loop.runUntilStalled()
        slot.wake()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("undelivered resource", "cancelled")
        assertThat(loop.tasks()).isEmpty()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun noValueIsLostHoweverTheFirstPollRacesWithACancellation(asTask: Boolean) {
        val racing =
            Pollable<String> {
                thread { job!!.cancel() }.join()
                Poll.ready("resource")
            }
        job = start(asTask) { loop.log += "got " + racing.await { loop.log += "undelivered $it" } }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("undelivered resource")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun pendingWithoutAWakerFailsByName(asTask: Boolean) {
        start(asTask) {
            try {
                Pollable<String> { Poll.pending() }.await()
            } catch (e: IllegalStateException) {
                loop.log += e.message!!
            }
        }
        assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE)
        assertThat(loop.log.single()).contains("in task 'reader' returned Pending without having asked")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun anAlwaysReadySourceDoesNotStarveTheLoop(asTask: Boolean) {
        val always = Pollable { _: Context -> Poll.ready(1) }
        var sum = 0
        var others = 0
        start(asTask) {
            repeat(10_000) { sum += always.await() }
            loop.log += "done after $others others"
        }
        fun other() {
            others++
            if (others < 10_000) loop.dispatcher.post(::other)
        }
        loop.dispatcher.post(::other)
        loop.runUntilStalled()

        assertThat(sum).isEqualTo(10_000)
        assertThat(loop.log.single().filter { it.isDigit() }.toInt()).isBetween(70, 200)
    }

    @Test
    fun awaitElsewhereThrowsAndNamesTheWay() {
        for (context in listOf(Dispatchers.IO, loop.coroutines)) {
            assertThatThrownBy {
                runBlocking(Dispatchers.Unconfined) {
                    CoroutineScope(context).async(start = CoroutineStart.UNDISPATCHED) { gate.await() }.await()
                }
            }.isInstanceOf(IllegalStateException::class.java)
                .hasMessageContaining("await() of the gate")
                .hasMessageContaining("await(on = dispatcher)")
        }
        assertThat(gate.polls).isZero()
    }

    @Test
    fun awaitOnWorksInAnyCoroutine() {
        val dispatcher = BasicDispatcher()
        val driver = thread { dispatcher.run() }
        val real = Gate<Thread>()
        runBlocking {
            val waiting =
                async(Dispatchers.IO) {
                    real.await(on = dispatcher) to Pollable { _: Context -> Poll.ready(Thread.currentThread()) }
                        .await(on = dispatcher)
                }
            real.open(Thread.currentThread())
            assertThat(waiting.await()).isEqualTo(Thread.currentThread() to driver)

            val cancelled = launch { Gate<String>().await(on = dispatcher) }
            val consumed = Gate<String>()
            val consuming = launch { consumed.consume(on = dispatcher) }
            yield()
            cancelled.cancelAndJoin()
            consuming.cancelAndJoin()
            Pollable { _: Context -> Poll.ready(Unit) }.await(on = dispatcher) // behind the two cancels
            assertThat(consumed.cancels).isEqualTo(1)
        }
        dispatcher.stop()
        driver.join()
        assertThat(dispatcher.snapshot().tasks()).isEmpty()
    }

    @Test
    fun awaitOnItsOwnLoopIsTheSameAsAwait() {
        gate.open("hello")
        loop.scope.launch {
            loop.dispatcher.post { loop.log += "callback" }
            loop.log += gate.await(on = loop.dispatcher)
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("hello", "callback")
    }

    @Test
    fun awaitOnAClosedDispatcherIsRejected() {
        loop.dispatcher.close()
        assertThatThrownBy { runBlocking { gate.await(on = loop.dispatcher) } }
            .isInstanceOf(RejectedExecutionException::class.java)
    }

    @Test
    fun aJoinHandleAndATimerCanBeAwaited() {
        val timer = Timer(loop.dispatcher)
        timer.reset(Duration.ofMillis(100))
        val answer = loop.dispatcher.spawn(loop.dispatcher.pollable("answer") { 42 })
        loop.scope.launch {
            loop.log += "${answer.join().await()}"
            timer.await()
            loop.log += "timer at ${loop.now()}"
        }
        loop.advance(100)
        assertThat(loop.log).containsExactly("42", "timer at 100")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aTimeOutEndsTheWaitAndAnotherWaitMayFollow(asTask: Boolean) {
        start(asTask) {
            loop.log += "${withTimeoutOrNull(100) { gate.await() }} at ${loop.now()}"
            loop.log += gate.await()
        }
        loop.advance(100)
        gate.open("second")
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("null at 100", "second")
        loop.assertNothingUncaught()
    }

    @Test
    fun awaitsNestedTooDeepAreFirstPolledInALaterTurn() {
        fun nested(depth: Int): Pollable<Int> = Pollable {
            if (depth > 0) {
                loop.scope.launch(start = CoroutineStart.UNDISPATCHED) {
                    nested(depth - 1).await()
                    loop.log += "$depth"
                }
            }
            Poll.ready(depth)
        }
        loop.scope.launch { nested(40).await() }
        assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE)

        assertThat(loop.log).hasSize(40).contains("1", "40")
        assertThat(loop.dispatcher.lastRunSteps()).isBetween(2, 5)
        loop.assertNothingUncaught()
    }

    @Test
    fun whileDrainingTheFirstPollIsInALaterTurn() {
        gate.open("hello")
        loop.scope.launch {
            loop.dispatcher.shutdown()
            loop.log += gate.await()
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("hello")
        assertThat(loop.dispatcher.isClosed).isTrue()
    }

    @Test
    fun racingCancelsAndWakesLeaveNothingBehind() {
        val dispatcher = BasicDispatcher()
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.run() }
        val taken = AtomicInteger()
        val delivered = AtomicInteger()
        val undelivered = AtomicInteger()
        runBlocking {
            repeat(2000) {
                val source = Gate<String>()
                val context = dispatcher.asCoroutineDispatcher()
                val job =
                    launch(context) {
                        Pollable { cx: Context -> source.poll(cx).also { if (it.isReady) taken.incrementAndGet() } }
                            .await { undelivered.incrementAndGet() }
                        delivered.incrementAndGet()
                    }
                val opener = launch(Dispatchers.Default) { source.open("value") }
                val canceller = launch(Dispatchers.Default) { job.cancel() }
                opener.join()
                canceller.join()
                job.join()
            }
        }
        runBlocking {
            withContext(NonCancellable) { Pollable { _: Context -> Poll.ready(Unit) }.await(on = dispatcher) }
        }
        assertThat(delivered.get() + undelivered.get()).isEqualTo(taken.get())
        guard.close()
        dispatcher.stop()
        driver.join()
        assertThat(dispatcher.snapshot().tasks()).isEmpty()
    }
}
