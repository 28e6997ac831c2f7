package dev.reveille.kotlin

import dev.reveille.callback.CallOptions
import dev.reveille.callback.CallbackDiagnostics
import dev.reveille.callback.CancelMode
import dev.reveille.callback.Completer
import dev.reveille.callback.LostCallbackException
import dev.reveille.callback.MisusePolicy
import dev.reveille.contract.Rig
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.io.IOException
import java.time.Duration
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.TimeoutException
import kotlin.concurrent.thread

/** What the legacy side may do wrong, and what a coroutine sees of it: nothing, or a failure that says so. */
class AwaitCallbackTest {
    private val loop = TestLoop()

    @Volatile
    private var given: Completer<String>? = null

    private val disposed = mutableListOf<String>()

    private fun start(asTask: Boolean = false, body: suspend CoroutineScope.() -> Unit) {
        if (asTask) loop.dispatcher.post(coroutineTask("caller", block = body)) else loop.scope.launch(block = body)
    }

    /** Starts a coroutine that waits for [given] and logs what comes of it. */
    private fun await(asTask: Boolean = false, options: CallOptions<String> = CallOptions.defaults()): Job {
        lateinit var job: Job
        start(asTask) {
            job =
                launch {
                    loop.log +=
                        try {
                            awaitCallback("call", options, onUndelivered = { disposed += it }) { given = it }
                        } catch (failure: Exception) {
                            "${failure::class.simpleName}: ${failure.message}, active=$isActive"
                        }
                }
        }
        loop.runUntilStalled()
        return job
    }

    private fun misuses(): Long = CallbackDiagnostics.of(loop.dispatcher).misuses("call")

    @AfterEach
    fun nothingElseWentWrong() {
        loop.assertNothingUncaught()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun theCallbackBringsTheValue(asTask: Boolean) {
        await(asTask)
        assertThat(loop.log).isEmpty()
        assertThat(loop.tasks().map { it.waitReason() }).contains("call")
        thread { given!!.complete("value") }.join()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("value")
        assertThat(disposed).isEmpty()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aCallbackThatComesBeforeStartReturnsDoesNotSuspend(asTask: Boolean) {
        start(asTask) {
            loop.dispatcher.post { loop.log += "another turn" }
            loop.log += awaitCallback<String>("call") { it.complete("early") }
            loop.log += awaitCallback<String>("call") { thread { it.complete("early, foreign") }.join() }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("early", "early, foreign", "another turn")
    }

    @Test
    fun noneOfTheCoroutineRunsWithinTheCallback() {
        await()
        loop.dispatcher.post {
            given!!.complete("value")
            loop.log += "the callback has returned"
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("the callback has returned", "value")
    }

    @Test
    fun callbacksMayBeNested() {
        lateinit var inner: Completer<String>
        start {
            loop.log +=
                awaitCallback<String>("outer") { outer ->
                    given = outer
                    launch { loop.log += awaitCallback<String>("inner") { inner = it } }
                }
        }
        loop.runUntilStalled()
        loop.dispatcher.post {
            inner.complete("inner")
            given!!.complete("outer")
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactlyInAnyOrder("inner", "outer")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aSecondCompletionIsRecordedAndDoesNotThrow(asTask: Boolean) {
        await(asTask)
        assertThat(given!!.complete("first")).isTrue()
        assertThat(given!!.complete("second")).isFalse()
        assertThat(given!!.fail(IOException("third"))).isFalse()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("first")
        assertThat(misuses()).isEqualTo(2)
    }

    @Test
    fun aSecondCompletionThrowsWhereThatIsThePolicy() {
        await(options = CallOptions.defaults<String>().withMisusePolicy(MisusePolicy.THROW))
        given!!.complete("first")
        assertThatThrownBy { given!!.complete("second") }.isInstanceOf(IllegalStateException::class.java)
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("first")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun cancellationReachesTheLegacySideAndALateValueIsDisposedOf(asTask: Boolean) {
        val job = await(asTask)
        given!!.onCancel { loop.log += "aborted onLoop=${loop.dispatcher.onLoop()}" }
        thread { job.cancel() }.join()
        loop.runUntilStalled()
        assertThat(loop.log)
            .hasSize(2)
            .contains("aborted onLoop=true")
            .anyMatch { it.startsWith("JobCancellationException") && it.endsWith("active=false") }
        assertThat(given!!.isCancelled).isTrue()

        assertThat(given!!.complete("late")).isFalse()
        loop.runUntilStalled()
        assertThat(disposed).containsExactly("late")
        assertThat(misuses()).isZero()
        given!!.complete("later") // one late word is no misuse, two are
        loop.runUntilStalled()
        assertThat(disposed).containsExactly("late", "later")
        assertThat(misuses()).isEqualTo(1)
    }

    @Test
    fun aValueThatIsThereWhenTheCoroutineIsCancelledIsDisposedOf() {
        val job = await()
        given!!.complete("value")
        job.cancel()
        loop.runUntilStalled()
        assertThat(disposed).containsExactly("value")
        assertThat(loop.log.single()).startsWith("JobCancellationException")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aCancelledCoroutineDoesNotBegin(asTask: Boolean) {
        start(asTask) {
            coroutineContext[Job]!!.cancel()
            awaitCallback<String>("call") { loop.log += "begun" }
        }
        loop.runUntilStalled()
        loop.uncaught.removeIf { it is CancellationException } // of the task, which nobody has joined
        assertThat(loop.log).isEmpty()
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aFailureIsThrownAsItIsAndSoIsThatOfStart(asTask: Boolean) {
        val calls =
            listOf<(Completer<String>) -> Unit>(
                { it.fail(IOException("by the callback")) },
                { throw IOException("by the call") },
            )
        start(asTask) {
            for (call in calls) {
                try {
                    awaitCallback("call", start = call)
                } catch (failure: IOException) {
                    loop.log += "${failure.message}"
                }
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("by the callback", "by the call")
    }

    @Test
    fun whatStartThrowsAfterACompletionIsRecordedAndTheCompletionWins() {
        start {
            loop.log +=
                awaitCallback<String>("call") {
                    it.complete("value")
                    throw IOException("after that")
                }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("value")
        assertThat(misuses()).isEqualTo(1)
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aCompleterThatNobodyHoldsFailsTheCall(asTask: Boolean) {
        await(asTask)
        given = null
        val isLost =
            Rig.collectGarbageUntil {
                loop.runUntilStalled()
                loop.log.isNotEmpty()
            }
        assertThat(isLost).isTrue()
        assertThat(loop.log.single()).startsWith(LostCallbackException::class.simpleName).contains("'call'")
        Rig.awaitState("counted by the reaper, after it has failed the call") { misuses() == 1L }
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aTimeOutIsOnTheClockOfTheDispatcher(asTask: Boolean) {
        await(asTask, CallOptions.defaults<String>().withTimeout(Duration.ofSeconds(5)))
        given!!.onCancel { loop.log += "aborted" }
        loop.advance(4_999)
        assertThat(loop.log).isEmpty()
        loop.advance(1)
        assertThat(loop.log)
            .containsExactly(
                "aborted",
                "${TimeoutException::class.simpleName}: 'call' took longer than PT5S, active=true",
            )
        given!!.complete("late")
        loop.runUntilStalled()
        assertThat(disposed).containsExactly("late")
    }

    @Test
    fun whereTheLastWordIsAwaitedATaskOfTheDispatcherDoesThat() {
        val job = await(options = CallOptions.defaults<String>().withCancelMode(CancelMode.AWAIT_CALLBACK))
        given!!.onCancel { loop.log += "asked to give up" }
        job.cancel()
        loop.runUntilStalled()
        assertThat(job.isCompleted).isTrue()
        assertThat(loop.tasks().single().name()).isEqualTo("last word of 'call'")
        given!!.complete("late")
        loop.runUntilStalled()
        assertThat(loop.tasks()).isEmpty()
        assertThat(disposed).containsExactly("late")
    }

    @Test
    fun theLegacySidesOwnCancelIsTellableFromThatOfTheCoroutine() {
        await()
        given!!.cancelled()
        loop.runUntilStalled()
        assertThat(loop.log)
            .containsExactly("CancellationException: 'call' was cancelled by the legacy side, active=true")
    }

    @Test
    fun nullIsAValue() {
        start { loop.log += "got ${awaitCallback<String?>("call") { it.complete(null) }}" }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("got null")
    }

    @Test
    fun ofNullThereIsNothingToDisposeOf() {
        lateinit var completer: Completer<String?>
        repeat(2) { late ->
            val job =
                loop.scope.launch {
                    awaitCallback<String?>("call", onUndelivered = { disposed += "$it" }) { completer = it }
                }
            loop.runUntilStalled()
            if (late == 0) completer.complete(null)
            job.cancel()
            loop.runUntilStalled()
            if (late == 1) completer.complete(null)
            loop.runUntilStalled()
        }
        assertThat(disposed).isEmpty()
    }

    @Test
    fun offTheLoopItSaysWhatToDo() {
        assertThatThrownBy { runBlocking { awaitCallback<String>("call") { it.complete("") } } }
            .isInstanceOf(IllegalStateException::class.java)
            .hasMessageContaining("call")
            .hasMessageContaining("on = dispatcher")
    }

    @Test
    fun onANamedDispatcherTheCallIsMadeThere() {
        val other = TestLoop("other")
        start {
            loop.log +=
                awaitCallback<String>("call", on = other.dispatcher, onUndelivered = { disposed += it }) {
                    loop.log += "made onLoop=${other.dispatcher.onLoop()}"
                    given = it
                }
            loop.log += "resumed onLoop=${loop.dispatcher.onLoop()}"
        }
        loop.runUntilStalled()
        other.runUntilStalled()
        given!!.complete("value")
        other.runUntilStalled()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("made onLoop=true", "value", "resumed onLoop=true")
    }

    @Test
    fun aClosedDispatcherDoesNotMakeTheCall() {
        val other = TestLoop("other")
        other.dispatcher.close()
        start {
            try {
                withContext(Dispatchers.Unconfined) {
                    awaitCallback<String>("call", on = other.dispatcher) {
                        loop.log +=
                            "made"
                    }
                }
            } catch (_: RejectedExecutionException) {
                loop.log += "rejected"
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("rejected")
    }

    @Test
    fun theCloseOfTheDispatcherGivesTheCallUp() {
        await()
        given!!.onCancel { loop.log += "aborted" }
        loop.dispatcher.close()
        assertThat(loop.log).contains("aborted")
        given!!.complete("late")
        assertThat(disposed).containsExactly("late")
    }
}
