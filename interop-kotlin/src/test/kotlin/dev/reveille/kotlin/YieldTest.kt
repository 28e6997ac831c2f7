package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.DispatcherOptions
import dev.reveille.JoinHandle
import dev.reveille.Pollable
import dev.reveille.RunOutcome
import dev.reveille.Waker
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.ThreadContextElement
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import java.util.SplittableRandom
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.resume

/** `yieldNow()` in each of its forms; what all of them do alike is tested alike. */
class YieldTest {
    private val loop = TestLoop()

    /** Where the flow is that yields. */
    enum class Form {
        /** An ordinary coroutine. */
        COROUTINE,

        /** A task whose context has elements for the thread: in debug mode, say. */
        TASK,

        /** A task without: the way that is short. */
        BARE_TASK,

        /** The same, polled by a parent. */
        BARE_CHILD,
    }

    /** Starts a flow of this form; its job is [parent] or a child of it. */
    private fun start(
        form: Form,
        parent: Job = Job(),
        on: TestLoop = loop,
        body: suspend CoroutineScope.() -> Unit,
    ): JoinHandle<*>? {
        val bare: suspend CoroutineScope.() -> Unit = { withoutThreadContext { body() } }
        val dispatcher = on.dispatcher
        return when (form) {
            Form.COROUTINE -> null.also { on.scope.launch(EmptyCoroutineContext + parent, block = body) }
            Form.TASK -> dispatcher.spawn(coroutineTask("flow", parent, body))
            Form.BARE_TASK -> dispatcher.spawn(coroutineTask("flow", parent, bare))
            Form.BARE_CHILD -> dispatcher.spawn("parent", dispatcher.pollable("flow", parent, bare))
        }
    }

    @ParameterizedTest
    @EnumSource
    fun allThatIsReadyRunsFirst(form: Form) {
        start(form) {
            loop.dispatcher.post { loop.log += "callback" }
            loop.scope.launch { loop.log += "coroutine" }
            loop.dispatcher.post(coroutineTask { loop.log += "task" })
            yieldNow()
            loop.log += "flow"
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("callback", "coroutine", "task", "flow")
    }

    @ParameterizedTest
    @EnumSource
    fun twoThatYieldTakeTurns(form: Form) {
        for (name in listOf("a", "b")) {
            start(form) {
                repeat(3) {
                    loop.log += "$name$it"
                    yieldNow()
                }
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("a0", "b0", "a1", "b1", "a2", "b2")
        loop.assertNothingUncaught()
    }

    @ParameterizedTest
    @EnumSource
    fun oneThatIsCancelledBeforeDoesNotGoOn(form: Form) {
        start(form) {
            try {
                coroutineContext.cancel(CancellationException("enough"))
                yieldNow()
                loop.log += "went on"
            } catch (e: CancellationException) {
                loop.log += "${e.message}"
            }
        }
        loop.dispatcher.post { loop.log += "callback" }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("enough", "callback")
    }

    @ParameterizedTest
    @EnumSource
    fun oneThatIsCancelledWhileItWaitsDoesNotResumeSuccessfully(form: Form) {
        start(form) {
            val job = coroutineContext[Job]!!
            loop.dispatcher.post { job.cancel(CancellationException("enough")) }
            try {
                yieldNow()
                loop.log += "went on"
            } catch (e: CancellationException) {
                loop.log += "${e.message}"
                withContext(NonCancellable) {
                    repeat(3) { yieldNow() }
                    loop.log += "cleaned up"
                }
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("enough", "cleaned up")
        assertThat(loop.tasks()).isEmpty()
    }

    @ParameterizedTest
    @EnumSource(names = ["TASK", "BARE_TASK", "BARE_CHILD"])
    fun whatIsGivenUpWhileItYieldsEndsInTheFifo(form: Form) {
        val handle =
            start(form) {
                try {
                    while (true) yieldNow()
                } catch (e: CancellationException) {
                    loop.log += "cancelled"
                    withContext(NonCancellable) { yieldNow() }
                    loop.log += "cleaned up"
                }
            }
        loop.dispatcher.post { loop.dispatcher.post { handle!!.cancel() } }
        assertThat(loop.dispatcher.runUntilStalled(1_000)).isEqualTo(RunOutcome.IDLE)

        assertThat(handle!!.isDone).isTrue()
        assertThat(loop.log).containsExactly("cancelled", "cleaned up")
        loop.assertNothingUncaught()
    }

    @ParameterizedTest
    @EnumSource
    fun theCloseOfTheDispatcherEndsIt(form: Form) {
        val ended = CountDownLatch(1)
        start(form) {
            try {
                while (true) yieldNow()
            } finally {
                loop.log += "active: $isActive"
                ended.countDown()
            }
        }
        loop.dispatcher.runUntilStalled(1_000)
        loop.dispatcher.close()

        assertThat(ended.await(10, SECONDS)).isTrue()
        assertThat(loop.log).containsExactly("active: false")
    }

    @ParameterizedTest
    @EnumSource
    fun itMayWaitForSomethingElseAfterwards(form: Form) {
        start(form) {
            repeat(2) {
                yieldNow()
                yieldNow()
                delay(10)
                loop.log += "${loop.now()}"
                suspendCancellableCoroutine { k -> thread { k.resume(Unit) }.join() }
            }
            yieldNow()
            awaitCancellation()
        }
        loop.advance(10)
        loop.advance(10)

        assertThat(loop.log).containsExactly("10", "20")
        assertThat(loop.tasks().map { it.waitReason() }).allMatch { it == "coroutine suspended" }
        loop.assertNothingUncaught()
    }

    @Test
    fun threadContextElementsAreInPlaceAfterwards() {
        val local = ThreadLocal<String>()

        class Marked(private val value: String) : ThreadContextElement<String?> {
            override val key: CoroutineContext.Key<*> get() = Key

            override fun updateThreadContext(context: CoroutineContext): String? = local.get().also { local.set(value) }

            override fun restoreThreadContext(context: CoroutineContext, oldState: String?): Unit = local.set(oldState)
        }
        for (name in listOf("a", "b")) {
            loop.dispatcher.post(
                coroutineTask(context = Marked(name)) {
                    repeat(3) {
                        loop.log += "$name: ${local.get()}"
                        yieldNow()
                    }
                    withoutThreadContext { yieldNow() }
                    withContext(Marked("inner $name")) {
                        yieldNow()
                        loop.log += "$name: ${local.get()}"
                    }
                },
            )
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly(
            "a: a",
            "b: b",
            "a: a",
            "b: b",
            "a: a",
            "b: b",
            "a: inner a",
            "b: inner b",
        )
        assertThat(local.get()).isNull()
    }

    private object Key : CoroutineContext.Key<CoroutineContext.Element>

    @Test
    fun segmentsThatWereThereFirstRunFirst() {
        start(Form.BARE_TASK) {
            val dispatcher = currentCoroutineContext()[ContinuationInterceptor] as ReveilleDispatcher
            fun dispatch(text: String) = dispatcher.dispatch(dispatcher, Runnable { loop.log += text })
            dispatch("one")
            dispatch("two")
            yieldNow()
            loop.log += "flow"
            loop.dispatcher.post { dispatch("three") }
            yieldNow()
            loop.log += "flow"
            yieldNow()
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("one", "two", "flow", "flow", "three")
    }

    @Test
    fun aParentWithAWakerOfItsOwnIsWokenForEachYield() {
        val wakes = AtomicInteger()
        val child = loop.dispatcher.pollable { withoutThreadContext { repeat(100) { yieldNow() } } }
        val handle =
            loop.dispatcher.spawn(
                object : Pollable<Unit> {
                    private var context: Context? = null

                    override fun poll(cx: Context) =
                        (context ?: cx.withWaker { wakes.incrementAndGet().also { waker.wake() } })
                            .also { waker = cx.waker("child") }
                            .also { context = it }
                            .pollChild(child)

                    private var waker = Waker.none()

                    override fun cancel(): Unit = child.cancel()
                },
            )
        loop.runUntilStalled()
        assertThat(handle.isDone).isTrue()
        assertThat(wakes).hasValue(100)
        loop.assertNothingUncaught()
    }

    // ------------------------------------------------------------------ in place, where nothing else is ready

    @Test
    fun aloneItNeedNotSuspendAndIsCountedAllTheSame() {
        start(Form.BARE_TASK) { while (true) yieldNow() }
        assertThat(loop.dispatcher.runUntilStalled(1_000)).isEqualTo(RunOutcome.STEP_LIMIT)
        assertThat(loop.dispatcher.lastRunSteps()).isEqualTo(1_000)
        assertThat(loop.dispatcher.snapshot().taskPolls()).isEqualTo(1_000)
    }

    @ParameterizedTest
    @EnumSource
    fun timersFireAlthoughItNeverStops(form: Form) {
        val system = BasicDispatcher()
        val job = CoroutineScope(system.asCoroutineDispatcher()).launch { delay(10) }
        val body: suspend CoroutineScope.() -> Unit = { while (job.isActive) yieldNow() }
        when (form) {
            Form.COROUTINE -> CoroutineScope(system.asCoroutineDispatcher()).launch(block = body)
            Form.TASK -> system.post(coroutineTask(block = body))
            Form.BARE_TASK -> system.post(coroutineTask { withoutThreadContext { body() } })
            Form.BARE_CHILD -> system.spawn(system.pollable { withoutThreadContext { body() } })
        }
        assertThat(system.runToCompletion()).isEqualTo(RunOutcome.IDLE)
        assertThat(job.isCompleted).isTrue()
        assertThat(system.snapshot().tasks()).isEmpty()
    }

    @ParameterizedTest
    @EnumSource
    fun whatForeignThreadsPostComesNext(form: Form) {
        val after = AtomicInteger()
        var posted = false
        var ran = false
        start(form) {
            repeat(50) {
                thread { loop.dispatcher.post { ran = true } }.join()
                posted = true
                var turns = 0
                while (!ran) {
                    yieldNow()
                    turns++
                }
                after.accumulateAndGet(turns, ::maxOf)
                ran = false
            }
        }
        loop.runUntilStalled()
        assertThat(posted).isTrue()
        assertThat(after.get()).isLessThanOrEqualTo(65) // the loop takes its inbox every 64 polls
    }

    @Test
    fun aStopIsObeyedAtTheNextYield() {
        var yields = 0
        start(Form.BARE_TASK) {
            repeat(10) {
                loop.dispatcher.stop()
                yields++
                yieldNow()
            }
        }
        repeat(10) { n ->
            assertThat(loop.dispatcher.run()).isEqualTo(RunOutcome.STOPPED)
            assertThat(yields).isEqualTo(n + 1)
        }
    }

    // ------------------------------------------------------------------ races

    @ParameterizedTest
    @EnumSource
    fun cancelsByForeignThreadsEndEachOfThemOnce(form: Form) {
        val options = DispatcherOptions.defaults()
        val dispatcher = BasicDispatcher(options.withUncaughtHandler { _, _, _ -> }) // that they were cancelled
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.run() }
        val ended = AtomicInteger()
        val wrong = AtomicInteger()
        val random = SplittableRandom(7)
        val body: suspend CoroutineScope.() -> Unit = {
            try {
                while (true) yieldNow()
            } catch (e: CancellationException) {
                if (isActive || e.message != "by a foreign thread") wrong.incrementAndGet()
                withContext(NonCancellable) { repeat(2) { yieldNow() } }
            } finally {
                ended.incrementAndGet()
            }
        }
        val jobs =
            List(ROUNDS) {
                val job = Job()
                when (form) {
                    Form.COROUTINE -> CoroutineScope(dispatcher.asCoroutineDispatcher() + job).launch(block = body)

                    Form.TASK -> dispatcher.spawn(coroutineTask(context = job, block = body))

                    Form.BARE_TASK -> dispatcher.spawn(coroutineTask(context = job) { withoutThreadContext { body() } })

                    Form.BARE_CHILD -> dispatcher.spawn(
                        dispatcher.pollable(context = job) {
                            withoutThreadContext { body() }
                        },
                    )
                }
                repeat(random.nextInt(200)) { Thread.onSpinWait() }
                val canceller = thread { job.cancel(CancellationException("by a foreign thread")) }
                if (random.nextBoolean()) canceller.join()
                job
            }
        jobs.forEach { job -> runBlocking { withTimeout(10_000) { job.join() } } }
        guard.close()
        dispatcher.shutdown()
        driver.join(10_000)
        assertThat(driver.isAlive).isFalse()
        assertThat(wrong).hasValue(0)
        assertThat(ended.get()).isLessThanOrEqualTo(ROUNDS) // who was cancelled before it began never ran
        assertThat(dispatcher.snapshot().tasks()).isEmpty()
    }

    @Test
    fun foreignResumptionsAndYieldsLoseNothing() {
        val dispatcher = BasicDispatcher()
        val total = AtomicInteger()
        repeat(20) { n ->
            dispatcher.spawn(
                "task $n",
                dispatcher.pollable {
                    withoutThreadContext {
                        repeat(50) {
                            repeat(it % 3) { yieldNow() }
                            withContext(Dispatchers.Default) { total.incrementAndGet() }
                            check(dispatcher.onLoop())
                            if (it % 10 == 0) coroutineScope { launch { yieldNow() } }
                            yieldNow()
                        }
                    }
                },
            )
        }
        dispatcher.runToCompletion()
        assertThat(total).hasValue(20 * 50)
    }

    @Test
    fun yieldNowElsewhereIsYield() {
        assertThatThrownBy {
            runBlocking {
                cancel("enough")
                yieldNow()
            }
        }.isInstanceOf(CancellationException::class.java)
    }

    private companion object {
        const val ROUNDS = 100
    }
}
