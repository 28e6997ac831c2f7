package dev.reveille.kotlin.test

import dev.reveille.BasicDispatcher
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.yieldNow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import kotlin.coroutines.coroutineContext

/** What the page on [dev.reveille.kotlin.ReveilleDispatcher] says of time-outs: the pitfall and the remedy. */
class BusyLoopTest {
    private val millis = 1_000_000L
    private val bound = 300 * millis

    /** Turns a coroutine makes within the bound, in real time, while a time-out of 10 ms asks it to stop. */
    private fun spinUnderTimeOut(step: suspend () -> Unit): Pair<Boolean, Long> {
        val dispatcher = BasicDispatcher()
        var stopped = false
        val start = System.nanoTime()
        CoroutineScope(dispatcher.asCoroutineDispatcher()).launch {
            withTimeoutOrNull(10) {
                while (isActive && System.nanoTime() - start < bound) step()
                stopped = !isActive
            } ?: run { stopped = true }
        }
        dispatcher.runToCompletion()
        return stopped to System.nanoTime() - start
    }

    @Test
    fun aBusyLoopIsNotTimedOutOnItsOwnLoop() {
        val (stopped, elapsed) = spinUnderTimeOut { }
        assertThat(stopped).isFalse()
        assertThat(elapsed).isGreaterThanOrEqualTo(bound) // thirty times the time-out, and only the bound has ended it
    }

    @Test
    fun oneThatYieldsIs() {
        val (stopped, elapsed) = spinUnderTimeOut { yieldNow() }
        assertThat(stopped).isTrue()
        assertThat(elapsed).isGreaterThanOrEqualTo(10 * millis)
    }
}
