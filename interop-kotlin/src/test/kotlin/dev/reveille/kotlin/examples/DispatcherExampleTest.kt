package dev.reveille.kotlin.examples

import dev.reveille.BasicDispatcher
import dev.reveille.Pollable
import dev.reveille.kotlin.Gate
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.await
import dev.reveille.kotlin.get
import dev.reveille.kotlin.pollable
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.io.ByteArrayOutputStream
import java.io.PrintStream

class DispatcherExampleTest {
    @Test
    fun asCoroutineDispatcher() {
        val out = System.out
        val printed = ByteArrayOutputStream()
        System.setOut(PrintStream(printed, true))
        try {
            val dispatcher = BasicDispatcher()
            val scope = CoroutineScope(dispatcher.asCoroutineDispatcher())
            scope.launch {
                delay(50) // a timer of the loop: no other thread takes part
                println("on ${Thread.currentThread().name}")
            }
            dispatcher.runToCompletion()
        } finally {
            System.setOut(out)
        }
        assertThat(printed.toString()).startsWith("on ${Thread.currentThread().name}")
    }

    private class Connection(private val line: Pollable<String>) {
        fun readLine(): Pollable<String> = line
    }

    @Test
    fun pollable() {
        val loop = TestLoop()
        val dispatcher = loop.dispatcher
        val line = Gate<String>()
        val connection = Connection(line)
        val greeter =
            run {
                val greeting: Pollable<String> = dispatcher.pollable("greeting") {
                    val name = withTimeout(1_000) { connection.readLine().await() }
                    "Hello $name"
                }
                dispatcher.spawn("greeter", greeting)
            }
        loop.runUntilStalled()
        line.open("Reveille")
        loop.runUntilStalled()
        assertThat(greeter.get()).isEqualTo("Hello Reveille")
    }
}
