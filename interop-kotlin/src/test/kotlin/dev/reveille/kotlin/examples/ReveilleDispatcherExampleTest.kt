package dev.reveille.kotlin.examples

import dev.reveille.BasicDispatcher
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.yieldNow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class ReveilleDispatcherExampleTest {
    @Test
    fun aLoopThatYieldsCanBeTimedOut() {
        val dispatcher = BasicDispatcher()
        var steps = 0L
        var timedOut = false

        fun step() {
            steps++
        }
        CoroutineScope(dispatcher.asCoroutineDispatcher()).launch {
            try {
                withTimeout(10) {
                    while (true) { // correct
                        step()
                        yieldNow()
                    }
                }
            } catch (_: TimeoutCancellationException) {
                timedOut = true
            }
        }
        dispatcher.runToCompletion()
        assertThat(steps).isPositive()
        assertThat(timedOut).isTrue()
    }
}
