package dev.reveille.kotlin.examples

import dev.reveille.StopSource
import dev.reveille.kotlin.Gate
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.await
import dev.reveille.kotlin.withStopToken
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class StopTokenExampleTest {
    @Test
    fun withStopToken() {
        val loop = TestLoop()
        val shutdown = StopSource()
        val questions = Gate<String>()
        loop.scope.launch {
            val answer =
                try {
                    withStopToken(shutdown.token()) { questions.await() }
                } catch (stopped: CancellationException) {
                    currentCoroutineContext().ensureActive() // it was not this coroutine that was cancelled
                    "closing"
                }
            loop.log += answer
        }
        loop.runUntilStalled()
        shutdown.stop()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("closing")
    }
}
