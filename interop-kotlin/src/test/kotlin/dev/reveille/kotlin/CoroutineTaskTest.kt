package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.JoinHandle
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.RunOutcome
import dev.reveille.TaskSnapshot
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.io.IOException
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.resume

class CoroutineTaskTest {
    private val loop = TestLoop()
    private val gate = Gate<String>()

    /** The name of the task in whose poll the caller is; null in a block of the loop. */
    private fun poller(): String? = loop.tasks().singleOrNull { it.state() == TaskSnapshot.State.RUNNING }?.name()

    private fun <T> JoinHandle<T>.get(): T = toCompletableFuture().get(10, SECONDS)

    private fun JoinHandle<*>.failure(): Throwable {
        val thrown = runCatching { get() }.exceptionOrNull()!!
        // The failure, as the cause; of a cancellation JDK 17 throws the very one, later ones a copy with it as cause.
        return thrown.cause ?: thrown
    }

    // ------------------------------------------------------------------ where code runs

    @Test
    fun theCoroutineStartsInTheFirstPoll() {
        val handle = loop.dispatcher.spawn("worker", loop.dispatcher.pollable("inner") { loop.log += "started" })
        assertThat(loop.log).isEmpty()
        loop.runUntilStalled()

        assertThat(handle.isDone).isTrue()
        assertThat(loop.dispatcher.snapshot().taskPolls()).isEqualTo(1)
        assertThat(loop.dispatcher.lastRunSteps()).isEqualTo(1)
    }

    @Test
    fun theWholeMainFlowRunsInPollsOfTheTask() {
        val channel = Channel<String>(Channel.UNLIMITED)
        loop.dispatcher.post(
            coroutineTask("main flow") {
                loop.log += "begin: ${poller()}"
                delay(10)
                loop.log += "delay: ${poller()}"
                channel.receive()
                loop.log += "channel: ${poller()}"
                coroutineScope { yield() }
                loop.log += "coroutineScope: ${poller()}"
                withTimeout(1000) {
                    delay(10)
                    loop.log += "in withTimeout: ${poller()}"
                    gate.await()
                    loop.log += "await: ${poller()}"
                }
                withContext(NonCancellable + CoroutineName("other")) {
                    delay(10)
                    loop.log += "withContext: ${poller()}"
                }
                withContext(Dispatchers.IO) { Thread.yield() }
                loop.log += "back from IO: ${poller()}"
                withContext(loop.coroutines) { loop.log += "on the dispatcher: ${poller()}" }
                loop.log += "back from the dispatcher: ${poller()}"
                supervisorScope { launch { delay(5) } }
                loop.log += "after children: ${poller()}"
                flow {
                    delay(5)
                    emit(1)
                }.flowOn(CoroutineName("flow")).toList()
                loop.log += "flow: ${poller()}"
                suspendCancellableCoroutine { k -> loop.dispatcher.post { k.resume(Unit) } }
                loop.log += "callback: ${poller()}"
            },
        )
        loop.advance(10)
        channel.trySend("value")
        loop.advance(10)
        gate.open("value")
        val driver = thread { loop.time.autoAdvance().also { loop.dispatcher.runToCompletion() } }
        driver.join()

        assertThat(
            loop.log.filter {
                it != "on the dispatcher: null"
            },
        ).hasSize(12).allMatch { it.endsWith(": main flow") }
        assertThat(loop.log).contains("on the dispatcher: null")
        loop.assertNothingUncaught()
    }

    @Test
    fun childrenAreOrdinaryCoroutinesOnTheLoop() {
        loop.dispatcher.post(
            coroutineTask("parent") {
                val dispatcher = currentCoroutineContext()[ContinuationInterceptor]
                assertThat(dispatcher).hasToString("ReveilleDispatcher[loop].task[parent]")
                launch {
                    loop.log += "launch: ${poller()}"
                    assertThat(currentCoroutineContext()[ContinuationInterceptor]).isEqualTo(loop.coroutines)
                    delay(10)
                    loop.log += "launch after delay: ${poller()}"
                    withContext(loop.coroutines) { loop.log += "launch in withContext: ${poller()}" }
                    launch { loop.log += "grandchild: ${poller()}" }
                    gate.await()
                    // Its own await is a task of its own, named as the coroutine is.
                    loop.log += "launch after await: ${poller()}"
                }
                async { loop.log += "async: ${poller()}" }.await()
                withContext(Dispatchers.IO) {
                    // Who names the main flow's dispatcher from elsewhere gets the loop, not the task.
                    withContext(dispatcher!!) { loop.log += "from IO: ${poller()}" }
                }
            },
        )
        loop.dispatcher.postAfter(Duration.ofMillis(20)) { gate.open("value") } // the child waits from 10 on
        val driver = thread { loop.time.autoAdvance().also { loop.dispatcher.runToCompletion() } }
        driver.join()

        assertThat(loop.log).containsExactlyInAnyOrder(
            "launch: null",
            "async: null",
            "from IO: null",
            "launch after delay: null",
            "launch in withContext: null",
            "grandchild: null",
            "launch after await: parent",
        )
        loop.assertNothingUncaught()
    }

    @Test
    fun aChildStartedUndispatchedBeginsInThePollAndGoesOnOnTheLoop() {
        loop.dispatcher.post(
            coroutineTask("parent") {
                launch(start = CoroutineStart.UNDISPATCHED) {
                    loop.log += "begin: ${poller()}"
                    yield()
                    loop.log += "then: ${poller()}"
                }
            },
        )
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("begin: parent", "then: null")
    }

    @Test
    fun awaitPollsWithTheContextOfTheTask() {
        loop.dispatcher.spawn("outer", loop.dispatcher.pollable("inner") { gate.await() })
        loop.runUntilStalled()

        assertThat(gate.polledBy).isEqualTo("outer")
        assertThat(loop.tasks()).hasSize(1)
        assertThat(loop.tasks().single().waitReason()).isEqualTo("the gate")
    }

    @Test
    fun theReasonOfASuspensionIsInTheSnapshot() {
        loop.dispatcher.post(coroutineTask("a") { delay(1000) })
        loop.dispatcher.post(coroutineTask("b") { awaitCancellation() })
        loop.runUntilStalled()

        assertThat(loop.tasks().map { it.name() to it.waitReason() })
            .containsExactly("a" to "delay", "b" to "coroutine suspended")
    }

    @Test
    fun aParentPollsItLikeAnyPollable() {
        val inner =
            loop.dispatcher.pollable("inner") {
                delay(10)
                gate.await() + "!"
            }
        val handle = loop.dispatcher.spawn("outer", Pollable { cx: Context -> inner.poll(cx).map { "<$it>" } })
        loop.advance(10)
        gate.open("value")
        loop.runUntilStalled()
        assertThat(handle.get()).isEqualTo("<value!>")
    }

    @Test
    fun aParentMayGiveItAnotherWakerInEachPoll() {
        val wakes = AtomicInteger()
        val inner =
            loop.dispatcher.pollable("inner") {
                repeat(3) { yield() }
                delay(10)
                withContext(Dispatchers.IO) { Thread.yield() }
                gate.await()
            }
        val handle =
            loop.dispatcher.spawn(
                Pollable { cx: Context ->
                    val outer = cx.waker("inner")
                    val derived =
                        cx.withWaker {
                            wakes.incrementAndGet()
                            outer.wake()
                        }
                    derived.pollChild(inner)
                },
            )
        val driver = thread { loop.time.autoAdvance().also { loop.dispatcher.runToCompletion() } }
        gate.open("value")
        driver.join()
        assertThat(handle.get()).isEqualTo("value")
        assertThat(wakes.get()).isBetween(4, 6) // the last two suspensions may find that they need not wait
    }

    @Test
    fun yieldNowIsOnePollFromTheBackOfTheQueue() {
        var turns = 0
        fun callback() {
            turns++
            if (turns < 1000) loop.dispatcher.post(::callback)
        }
        loop.dispatcher.post(
            coroutineTask {
                repeat(100) {
                    val before = turns
                    yieldNow()
                    assertThat(turns).isEqualTo(before + 1)
                }
                loop.log += "done"
            },
        )
        loop.dispatcher.post(::callback)
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("done")
        assertThat(loop.dispatcher.snapshot().taskPolls()).isEqualTo(101)
        loop.assertNothingUncaught()
    }

    @Test
    fun yieldNowInAnOrdinaryCoroutineQueuesIt() {
        loop.scope.launch {
            loop.dispatcher.post { loop.log += "callback" }
            yieldNow()
            loop.log += "coroutine"
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("callback", "coroutine")
    }

    @Test
    fun foreignThreadsResumeItAndTheDriverMayChange() {
        val dispatcher = BasicDispatcher()
        val handle =
            dispatcher.spawn(
                dispatcher.pollable {
                    var sum = 0
                    repeat(500) {
                        sum += withContext(Dispatchers.Default) { it }
                        check(dispatcher.onLoop())
                        if (it % 50 == 0) {
                            dispatcher.stop()
                            yieldNow() // in the next run, by the next driver
                        }
                    }
                    sum
                },
            )
        var drivers = 0
        while (!handle.isDone) {
            drivers++
            thread { dispatcher.runToCompletion() }.join()
        }
        assertThat(handle.get()).isEqualTo((0 until 500).sum())
        assertThat(drivers).isEqualTo(11)
    }

    // ------------------------------------------------------------------ how it ends

    @Test
    fun itsFailureIsTheFailureOfThePoll() {
        val failure = IOException("broken")
        val handle =
            loop.dispatcher.spawn(
                loop.dispatcher.pollable<Unit> {
                    delay(10)
                    throw failure
                },
            )
        val joined = handle.toCompletableFuture()
        loop.advance(10)

        assertThatThrownBy { joined.get(10, SECONDS) }.cause().isSameAs(failure)
        loop.assertNothingUncaught()
    }

    @Test
    fun aFailureThatNobodyJoinsGoesToTheDispatchersHandler() {
        loop.dispatcher.post(coroutineTask { throw IOException("broken") })
        loop.runUntilStalled()
        assertThat(loop.uncaught.single()).isInstanceOf(IOException::class.java).hasMessage("broken")
    }

    @Test
    fun itEndsAfterItsChildren() {
        val handle =
            loop.dispatcher.spawn(
                coroutineTask {
                    launch {
                        delay(100)
                        loop.log += "child"
                    }
                    loop.log += "main"
                },
            )
        loop.advance(99)
        assertThat(handle.isDone).isFalse()
        loop.advance(1)
        assertThat(handle.isDone).isTrue()
        assertThat(loop.log).containsExactly("main", "child")
    }

    @Test
    fun aFailingChildCancelsItsSiblingsAndTheMainFlow() {
        val failure = IOException("child")
        val handle =
            loop.dispatcher.spawn(
                coroutineTask {
                    launch {
                        try {
                            awaitCancellation()
                        } finally {
                            loop.log += "sibling"
                        }
                    }
                    launch { throw failure }
                    try {
                        gate.await()
                    } finally {
                        loop.log += "main"
                    }
                },
            )
        val joined = handle.toCompletableFuture()
        loop.runUntilStalled()

        assertThatThrownBy { joined.get(10, SECONDS) }.cause().isSameAs(failure)
        assertThat(loop.log).containsExactlyInAnyOrder("sibling", "main")
        loop.assertNothingUncaught()
    }

    @Test
    fun completionByAChildOnAnotherThreadWakesTheTask() {
        val release = CountDownLatch(1)
        loop.dispatcher.spawn(
            coroutineTask {
                launch(Dispatchers.IO) { release.await(10, SECONDS) }
            },
        )
        loop.runUntilStalled()
        thread { release.countDown() }
        assertThat(loop.dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE)
    }

    @Test
    fun cancellingTheTaskRunsFinallyOnTheLoop() {
        val handle =
            loop.dispatcher.spawn(
                coroutineTask("worker") {
                    launch {
                        try {
                            awaitCancellation()
                        } finally {
                            loop.log += "child onLoop=${loop.dispatcher.onLoop()}"
                        }
                    }
                    try {
                        gate.await()
                    } finally {
                        loop.log += "finally onLoop=${loop.dispatcher.onLoop()} in ${poller()}"
                        withContext(NonCancellable) {
                            delay(100)
                            loop.log += "cleaned at ${loop.now()}"
                            loop.log += Pollable { cx: Context -> Poll.ready(cx.taskName()) }.await()
                        }
                    }
                },
            )
        loop.runUntilStalled()
        thread { handle.cancel() }.join()
        loop.runUntilStalled()
        assertThat(handle.isDone).isTrue()
        assertThat(loop.log).containsExactly("child onLoop=true", "finally onLoop=true in null")

        loop.advance(100)
        assertThat(loop.log).endsWith("cleaned at 100", "worker")
        assertThat(gate.cancels).isZero()
        assertThat(loop.tasks()).isEmpty()
        loop.assertNothingUncaught()
    }

    @Test
    fun givingUpWhileNonCancellableWaitsGoOnAsAnOrdinaryCoroutine() {
        for (wait in listOf<suspend () -> Unit>({ delay(50) }, { gate.await() }, { yield() })) {
            val pollable =
                loop.dispatcher.pollable("shielded") {
                    withContext(NonCancellable) { wait() }
                    loop.log += "went on"
                    yield()
                    loop.log += "not reached"
                }
            var polls = 0
            val handle =
                loop.dispatcher.spawn(
                    object : Pollable<Unit> {
                        override fun poll(cx: Context): Poll<Unit> = pollable.poll(cx).also { polls++ }

                        override fun cancel() = pollable.cancel()
                    },
                )
            loop.dispatcher.post { handle.cancel() }
            loop.runUntilStalled()
            assertThat(handle.isDone).isTrue()
            gate.open("value")
            loop.advance(50)
            assertThat(polls).isEqualTo(1)
        }
        assertThat(loop.log).containsExactly("went on", "went on", "went on")
        assertThat(loop.tasks()).isEmpty()
        loop.assertNothingUncaught()
    }

    @Test
    fun aTaskCancelledBeforeItsFirstPollNeverStarts() {
        val handle = loop.dispatcher.spawn(coroutineTask { loop.log += "started" })
        handle.cancel()
        loop.runUntilStalled()
        assertThat(loop.log).isEmpty()
        assertThat(handle.isDone).isTrue()
    }

    @Test
    fun aCancelledParentJobEndsIt() {
        val parent = Job()
        val handle = loop.dispatcher.spawn(coroutineTask("child", parent) { gate.await() })
        handle.toCompletableFuture()
        loop.runUntilStalled()
        assertThat(parent.children.count()).isEqualTo(1)
        parent.cancel()
        loop.runUntilStalled()
        assertThat(handle.failure()).isInstanceOf(CancellationException::class.java)

        val late = loop.dispatcher.spawn(coroutineTask("late", parent) { loop.log += "started" })
        late.toCompletableFuture()
        loop.runUntilStalled()
        assertThat(late.failure()).isInstanceOf(CancellationException::class.java)
        assertThat(loop.log).isEmpty()
    }

    @Test
    fun cancellingItselfFailsItWithItsCancellation() {
        val handle = loop.dispatcher.spawn(coroutineTask { cancel("enough") })
        handle.toCompletableFuture()
        loop.runUntilStalled()
        assertThat(handle.failure()).isInstanceOf(CancellationException::class.java).hasMessage("enough")
    }

    @Test
    fun aTaskMayBePostedAgainAfterItsEnd() {
        var runs = 0
        val task = coroutineTask("again") { runs++ }
        repeat(3) {
            loop.dispatcher.post(task)
            loop.runUntilStalled()
        }
        assertThat(runs).isEqualTo(3)
    }

    @Test
    fun aPollOnAnotherDispatcherOrAfterTheEndThrows() {
        val other = TestLoop("other")
        val handle = other.dispatcher.spawn(loop.dispatcher.pollable("misplaced") { 1 })
        handle.toCompletableFuture()
        other.runUntilStalled()
        assertThat(handle.failure())
            .isInstanceOf(IllegalStateException::class.java)
            .hasMessageContaining("misplaced")
            .hasMessageContaining("BasicDispatcher[other]")

        val once = loop.dispatcher.pollable("once") { 1 }
        loop.dispatcher.spawn(once)
        loop.runUntilStalled()
        val again = loop.dispatcher.spawn(once)
        again.toCompletableFuture()
        loop.runUntilStalled()
        assertThat(again.failure()).hasMessageContaining("'once' polled again after its end")
    }

    @Test
    fun lateResumptionsAfterTheEndGoToTheLoop() {
        lateinit var dispatcher: ReveilleDispatcher
        loop.dispatcher.post(
            coroutineTask { dispatcher = currentCoroutineContext()[ContinuationInterceptor] as ReveilleDispatcher },
        )
        loop.runUntilStalled()
        dispatcher.dispatch(dispatcher) { loop.log += "late" }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("late")
    }

    @Test
    fun severalSegmentsAtOnceRunInTheirOrderAndAFailureOfOneHurtsNobody() {
        val failures = mutableListOf<Throwable>()
        val thread = Thread.currentThread()
        val handlerBefore = thread.uncaughtExceptionHandler
        thread.setUncaughtExceptionHandler { _, e -> failures += e }
        try {
            loop.dispatcher.post(
                coroutineTask("t", CoroutineExceptionHandler { _, _ -> }) {
                    val dispatcher = currentCoroutineContext()[ContinuationInterceptor] as ReveilleDispatcher
                    repeat(5) { n -> dispatcher.dispatch(dispatcher) { loop.log += "$n" } }
                    dispatcher.dispatch(dispatcher) { throw IOException("stray") }
                    yield()
                    loop.log += "main"
                },
            )
            loop.runUntilStalled()
        } finally {
            thread.uncaughtExceptionHandler = handlerBefore
        }
        assertThat(loop.log).containsExactly("0", "1", "2", "3", "4", "main")
        assertThat(failures.single()).hasMessage("stray")
        loop.assertNothingUncaught()
    }

    @Test
    fun manyTasksWithChildrenAndForeignThreadsLoseNothing() {
        val dispatcher = BasicDispatcher()
        val handles =
            (0 until 200).map { n ->
                dispatcher.spawn(
                    dispatcher.pollable("task $n") {
                        val parts =
                            (0 until 5).map { part ->
                                async(if (part % 2 == 0) Dispatchers.Default else coroutineContext[Job]!!) {
                                    repeat(10) { yield() }
                                    part
                                }
                            }
                        yieldNow()
                        withContext(Dispatchers.Default) { parts.awaitAll().sum() } + n
                    },
                )
            }
        runBlocking(Dispatchers.Default) {
            val driver = thread { dispatcher.runToCompletion() }
            handles.forEachIndexed { n, handle -> assertThat(handle.get()).isEqualTo(10 + n) }
            driver.join()
        }
    }
}
