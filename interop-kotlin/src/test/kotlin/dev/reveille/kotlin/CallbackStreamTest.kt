package dev.reveille.kotlin

import dev.reveille.callback.Emitter
import dev.reveille.callback.LostCallbackException
import dev.reveille.callback.Overflow
import dev.reveille.callback.OverflowException
import dev.reveille.contract.Rig
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel.Factory.RENDEZVOUS
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.io.IOException
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

/** A callback that brings many values, as a flow. */
class CallbackStreamTest {
    private val loop = TestLoop()

    @Volatile
    private var given: Emitter<String>? = null

    private val registrations = AtomicInteger()
    private val undelivered = CopyOnWriteArrayList<String>()

    private fun stream(overflow: Overflow = Overflow.unbounded()): Flow<String> =
        callbackStream("feed", overflow, onUndelivered = { undelivered += it }) { emitter ->
            given = emitter
            registrations.incrementAndGet()
            AutoCloseable { loop.log += "taken back onLoop=${loop.dispatcher.onLoop()}" }
        }

    private fun start(asTask: Boolean = false, body: suspend CoroutineScope.() -> Unit): Job {
        lateinit var job: Job
        if (asTask) {
            loop.dispatcher.post(coroutineTask("collector") { job = launch(block = body) })
        } else {
            job = loop.scope.launch(block = body)
        }
        loop.runUntilStalled()
        return job
    }

    private fun collect(asTask: Boolean = false, flow: Flow<String> = stream()): Job = start(asTask) {
        try {
            flow.collect { loop.log += it }
            loop.log += "end"
        } catch (failure: Exception) {
            loop.log += "${failure::class.simpleName}, active=$isActive"
        }
    }

    @AfterEach
    fun nothingElseWentWrong() {
        loop.assertNothingUncaught()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun elementsComeInTheirOrderAndThenTheEnd(asTask: Boolean) {
        collect(asTask)
        thread {
            given!!.next("a")
            given!!.next("b")
        }.join()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("a", "b")
        given!!.next("c")
        given!!.complete()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("a", "b", "c", "taken back onLoop=true", "end")
        assertThat(registrations.get()).isEqualTo(1)
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun inTheMainFlowOfATaskToo(asTask: Boolean) {
        val body: suspend CoroutineScope.() -> Unit = { stream().collect { loop.log += it } }
        if (asTask) loop.dispatcher.post(coroutineTask("c", block = body)) else loop.scope.launch(block = body)
        loop.runUntilStalled()
        assertThat(loop.tasks().single().waitReason()).isEqualTo("feed")
        given!!.next("a")
        loop.runUntilStalled()
        given!!.complete()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("a", "taken back onLoop=true")
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun itIsColdAndEachCollectionRegistersForItself() {
        val flow = stream()
        assertThat(registrations.get()).isZero()
        repeat(2) {
            collect(flow = flow)
            given!!.next("$it")
            given!!.complete()
            loop.runUntilStalled()
        }
        assertThat(registrations.get()).isEqualTo(2)
        assertThat(loop.log)
            .containsExactly("0", "taken back onLoop=true", "end", "1", "taken back onLoop=true", "end")
    }

    @Test
    fun noneOfTheCollectorRunsWithinTheCallback() {
        collect()
        loop.dispatcher.post {
            given!!.next("a")
            loop.log += "the callback has returned"
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("the callback has returned", "a")
    }

    @Test
    fun elementsMayComeBeforeTheRegistrationHasReturned() {
        val flow =
            callbackStream<String>("feed", Overflow.unbounded()) {
                it.next("early")
                it.complete()
                AutoCloseable { loop.log += "taken back" }
            }
        collect(flow = flow)
        assertThat(loop.log).containsExactly("early", "taken back", "end")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun cancellationTakesTheCallbackBackAndDisposesOfWhatIsLeft(asTask: Boolean) {
        val job =
            start(asTask) {
                stream().collect {
                    loop.log += it
                    awaitCancellation()
                }
            }
        given!!.next("a")
        given!!.next("b")
        loop.runUntilStalled()
        thread { job.cancel() }.join()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("a", "taken back onLoop=true")
        assertThat(undelivered).containsExactly("b")
        assertThat(given!!.isTerminated).isTrue()
        given!!.next("late")
        loop.runUntilStalled()
        assertThat(undelivered).containsExactly("b", "late")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun cancellationWhileItWaitsTakesTheCallbackBack(asTask: Boolean) {
        val job = collect(asTask)
        thread { job.cancel() }.join()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("taken back onLoop=true", "JobCancellationException, active=false")
    }

    @Test
    fun whoHasEnoughTakesTheCallbackBack() {
        start {
            loop.log += stream().first()
            loop.log += stream().take(2).toList()
        }
        given!!.next("a")
        given!!.next("one too many")
        loop.runUntilStalled()
        repeat(3) { given!!.next("$it") }
        loop.runUntilStalled()
        assertThat(loop.log)
            .containsExactly("taken back onLoop=true", "a", "taken back onLoop=true", "0", "1")
        assertThat(undelivered).containsExactly("one too many", "2")
    }

    @Test
    fun aCollectorThatFailsTakesTheCallbackBackAndKeepsItsFailure() {
        val flow =
            callbackStream<String>("feed", Overflow.unbounded()) {
                given = it
                AutoCloseable { throw IOException("of the action") }
            }
        start {
            try {
                flow.collect { throw IllegalArgumentException("of the collector") }
            } catch (failure: IllegalArgumentException) {
                loop.log += "${failure.message}, ${failure.suppressed.single().cause?.message}"
            }
        }
        given!!.next("a")
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("of the collector, of the action")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aFailureOfTheFeedComesAfterItsElements(asTask: Boolean) {
        collect(asTask)
        given!!.next("a")
        given!!.fail(IOException("of the feed"))
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("a", "taken back onLoop=true", "IOException, active=true")
    }

    @Test
    fun aRegistrationThatThrowsFailsTheCollection() {
        collect(flow = callbackStream("feed", Overflow.unbounded()) { throw IOException("not registered") })
        assertThat(loop.log).containsExactly("IOException, active=true")
    }

    @Test
    fun anElementTooManyIsWhatTheOverflowSays() {
        collect(flow = stream(Overflow.buffer(2)))
        repeat(4) { given!!.next("$it") }
        loop.runUntilStalled()
        assertThat(loop.log)
            .containsExactly("0", "1", "taken back onLoop=true", "${OverflowException::class.simpleName}, active=true")
        assertThat(undelivered).containsExactlyInAnyOrder("2", "3")

        loop.log.clear()
        undelivered.clear()
        collect(flow = stream(Overflow.latest()))
        repeat(4) { given!!.next("$it") }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("3")
        assertThat(undelivered).containsExactly("0", "1", "2")
    }

    @Test
    fun anEmitterThatNobodyHoldsFailsTheCollection() {
        collect()
        given = null
        val isLost =
            Rig.collectGarbageUntil {
                loop.runUntilStalled()
                loop.log.isNotEmpty()
            }
        assertThat(isLost).isTrue()
        assertThat(loop.log)
            .containsExactly("taken back onLoop=true", "${LostCallbackException::class.simpleName}, active=true")
    }

    @Test
    fun aTimeOutOfTheCollectorTakesTheCallbackBack() {
        start {
            loop.log += "${withTimeoutOrNull(10) { stream().collect { delay(100) } }}"
        }
        given!!.next("a")
        loop.advance(10)
        assertThat(loop.log).containsExactly("taken back onLoop=true", "null")
    }

    @Test
    fun offTheLoopItSaysWhatToDo() {
        assertThatThrownBy { runBlocking { stream().first() } }
            .isInstanceOf(IllegalStateException::class.java)
            .hasMessageContaining("'feed'")
            .hasMessageContaining("flowOn(dispatcher.asCoroutineDispatcher())")
        assertThat(registrations.get()).isZero()
    }

    @Test
    fun throughFlowOnItIsCollectedElsewhere() {
        val driver = thread { loop.dispatcher.workGuard().use { runBlocking(Dispatchers.Default) { take2() } } }
        while (driver.isAlive) {
            loop.runUntilStalled()
            given?.next("a")
        }
        loop.runUntilStalled()
        assertThat(loop.log).contains("[a, a]", "taken back onLoop=true")
    }

    private suspend fun take2() {
        val elements = stream().flowOn(loop.coroutines).buffer(RENDEZVOUS).take(2).toList()
        loop.log += "$elements"
    }

    @Test
    fun theCloseOfTheDispatcherTakesTheCallbackBack() {
        val job = collect()
        loop.dispatcher.close()
        assertThat(loop.log).contains("taken back onLoop=true")
        runBlocking { job.join() }
        assertThat(given!!.isTerminated).isTrue()
    }
}
