package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.RunOutcome
import dev.reveille.Waker
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.io.IOException
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlin.coroutines.startCoroutine
import kotlin.coroutines.suspendCoroutine

class WakerTest {
    private val loop = TestLoop()
    private val wakes = AtomicInteger()
    private val waker = Waker { wakes.incrementAndGet() }

    // ------------------------------------------------------------------ Waker.asContinuation

    @Test
    fun anyResumptionWakes() {
        val continuation = waker.asContinuation()
        assertThat(continuation.context).isSameAs(EmptyCoroutineContext)
        continuation.resume(Unit)
        continuation.resume(Unit)
        assertThat(wakes).hasValue(2)
    }

    @Test
    fun aFailureWakesAndGoesToTheHandlerOfTheContext() {
        val failures = mutableListOf<Throwable>()
        val failure = IOException("broken")
        waker.asContinuation(CoroutineExceptionHandler { _, e -> failures += e }).resumeWithException(failure)
        assertThat(wakes).hasValue(1)
        assertThat(failures).containsExactly(failure)
    }

    @Test
    fun aFailureWithoutAHandlerIsUncaughtInTheResumingThread() {
        val failures = mutableListOf<Throwable>()
        val failure = IOException("broken")
        thread(start = false) { waker.asContinuation().resumeWithException(failure) }
            .apply {
                setUncaughtExceptionHandler { _, e -> failures += e }
                start()
                join()
            }
        assertThat(wakes).hasValue(1)
        assertThat(failures).containsExactly(failure)
    }

    @Test
    fun aCancellationOnlyWakes() {
        val failures = mutableListOf<Throwable>()
        waker
            .asContinuation(CoroutineExceptionHandler { _, e -> failures += e })
            .resumeWithException(CancellationException("cancelled"))
        assertThat(wakes).hasValue(1)
        assertThat(failures).isEmpty()
    }

    @Test
    fun aBareCoroutineThatCompletesInItWakesTheTask() {
        var done = false
        var started = false
        val handle =
            loop.dispatcher.spawn(
                Pollable { cx: Context ->
                    if (done) {
                        Poll.ready("done at ${loop.now()}")
                    } else {
                        val waiting = cx.waker("a bare coroutine")
                        if (!started) {
                            started = true
                            val body: suspend () -> Unit = {
                                delay(100)
                                done = true
                            }
                            body.startCoroutine(waiting.asContinuation(loop.coroutines))
                        }
                        Poll.pending()
                    }
                },
            )
        loop.advance(100)
        assertThat(handle.toCompletableFuture().get()).isEqualTo("done at 100")
    }

    // ------------------------------------------------------------------ Continuation.asWaker

    @Test
    fun theFirstWakeResumesAndLaterOnesDoNothing() {
        lateinit var waker: Waker
        loop.scope.launch {
            suspendCancellableCoroutine { waker = it.asWaker() }
            loop.log += "resumed"
        }
        loop.runUntilStalled()
        thread { repeat(3) { waker.wake() } }.join()
        assertThat(loop.log).isEmpty()
        loop.runUntilStalled()
        waker.wake()

        assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE)
        assertThat(loop.log).containsExactly("resumed")
        assertThat(waker).hasToString("waker of a resumed continuation")
    }

    @Test
    fun aWakeNeverRunsTheCoroutineInline() {
        val contexts = listOf(loop.coroutines, loop.coroutines.immediate)
        val suspensions =
            listOf<suspend (((Waker) -> Unit) -> Unit)>(
                { set -> suspendCancellableCoroutine { set(it.asWaker()) } },
                { set -> suspendCoroutine { set(it.asWaker()) } },
                { set ->
                    suspendCoroutineUninterceptedOrReturn {
                        set(it.asWaker())
                        COROUTINE_SUSPENDED
                    }
                },
            )
        for (context in contexts) {
            for (suspension in suspensions) {
                lateinit var waker: Waker
                loop.scope.launch(context) {
                    suspension { waker = it }
                    loop.log += "resumed onLoop=${loop.dispatcher.onLoop()}"
                }
                loop.runUntilStalled()
                loop.dispatcher.post {
                    waker.wake()
                    loop.log += "woken"
                }
                loop.runUntilStalled()
                assertThat(loop.log).containsExactly("woken", "resumed onLoop=true")
                loop.log.clear()
            }
        }
    }

    @Test
    fun aContinuationOfTheProgramsOwnIsResumedThroughItsDispatcher() {
        val own =
            object : Continuation<Unit> {
                override val context: CoroutineContext = loop.coroutines

                override fun resumeWith(result: Result<Unit>) {
                    loop.log += "resumed onLoop=${loop.dispatcher.onLoop()}"
                }
            }
        own.asWaker().wake()
        assertThat(loop.log).isEmpty()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("resumed onLoop=true")
    }

    @Test
    fun aContinuationWithoutADispatcherIsRefused() {
        assertThatThrownBy { Continuation<Unit>(EmptyCoroutineContext) {}.asWaker() }
            .isInstanceOf(IllegalArgumentException::class.java)
            .hasMessageContaining("has no dispatcher")
        assertThatThrownBy { Continuation<Unit>(Dispatchers.Unconfined) {}.asWaker() }
            .isInstanceOf(IllegalArgumentException::class.java)
            .hasMessageContaining("Dispatchers.Unconfined")
    }

    @Test
    fun aWakeAfterTheCancellationDoesNothing() {
        lateinit var waker: Waker
        val job =
            CoroutineScope(loop.coroutines).launch {
                try {
                    suspendCancellableCoroutine { waker = it.asWaker() }
                } finally {
                    loop.log += "finally"
                }
            }
        loop.runUntilStalled()
        job.cancel()
        loop.runUntilStalled()
        waker.wake()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("finally")
    }
}
