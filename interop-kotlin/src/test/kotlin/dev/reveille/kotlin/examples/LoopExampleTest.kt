package dev.reveille.kotlin.examples

import dev.reveille.BasicDispatcher
import dev.reveille.Pollable
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.await
import dev.reveille.kotlin.pollable
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class LoopExampleTest {
    private val printed = mutableListOf<String>()

    private fun println(line: String) {
        printed += line
    }

    @Test
    fun aCoroutineRunsOnTheLoop() {
        val dispatcher = BasicDispatcher()
        val scope = CoroutineScope(dispatcher.asCoroutineDispatcher())
        scope.launch {
            delay(50) // a timer of the loop: no other thread takes part
            println("on ${Thread.currentThread().name}")
        }
        dispatcher.runToCompletion()

        assertThat(printed).singleElement().asString().startsWith("on ${Thread.currentThread().name}")
    }

    @Test
    fun aCoroutineIsSpawned() {
        val dispatcher = BasicDispatcher()
        val connection = Connection(dispatcher)
        val greeting: Pollable<String> =
            dispatcher.pollable("greeting") {
                val name = withTimeout(1_000) { connection.readLine().await() }
                "Hello $name"
            }
        dispatcher.spawn("greeter", greeting).join().also { greeted ->
            assertThat(dispatcher.runUntil(greeted).value()).isEqualTo("Hello line")
        }
    }
}
