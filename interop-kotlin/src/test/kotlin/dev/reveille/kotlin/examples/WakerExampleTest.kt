package dev.reveille.kotlin.examples

import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.Waker
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asContinuation
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.asWaker
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.coroutines.startCoroutine

class WakerExampleTest {
    private val loop = TestLoop()
    private val dispatcher = loop.dispatcher

    private suspend fun legacySuspendingCall() {
        delay(10)
        loop.log += "legacy call at ${loop.now()}"
    }

    @Test
    fun aLegacyCallWakesThePoller() {
        var isDone: AtomicBoolean? = null
        dispatcher.spawn(
            "poller",
            Pollable { cx ->
                if (isDone == null) {
                    val done = AtomicBoolean()
                    val call =
                        suspend {
                            legacySuspendingCall()
                            done.set(true)
                        }
                    call.startCoroutine(cx.waker("the legacy call").asContinuation(dispatcher.asCoroutineDispatcher()))
                    isDone = done
                }
                if (isDone.get()) Poll.ready(loop.log.add("polled at ${loop.now()}")) else Poll.pending()
            },
        )
        loop.runUntilStalled()
        loop.advance(10)
        assertThat(loop.log).containsExactly("legacy call at 10", "polled at 10")
    }

    private class WakerSource {
        var waker: Waker? = null

        fun onEvent(waker: Waker) {
            this.waker = waker
        }
    }

    @Test
    fun anEventResumesACoroutine() {
        suspend fun awaitEvent(slot: WakerSource): Unit =
            suspendCancellableCoroutine { continuation -> slot.onEvent(continuation.asWaker()) }
        val source = WakerSource()
        loop.scope.launch {
            awaitEvent(source)
            loop.log += "event"
        }
        loop.runUntilStalled()
        source.waker?.wake()
        assertThat(loop.log).isEmpty()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("event")
    }
}
