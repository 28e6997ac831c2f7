package dev.reveille.kotlin.examples

import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.combine.Join
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.await
import dev.reveille.kotlin.coroutineTask
import dev.reveille.kotlin.pollable
import dev.reveille.kotlin.spawn
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class CoroutineScopeExampleTest {
    private val loop = TestLoop()

    private suspend fun readAll(numbers: List<Int>): Int {
        delay(numbers.size.toLong())
        return numbers.sum()
    }

    @Test
    fun pollable() {
        val first = listOf(1, 2, 3)
        val second = listOf(4, 5)
        loop.dispatcher.post(
            coroutineTask {
                val sum =
                    coroutineScope {
                        val left = pollable("left") { readAll(first) }
                        val right = pollable("right") { readAll(second) }
                        Join.all(listOf(left, right)).await().sum() // both at once, in the polls of this very task
                    }
                loop.log += "$sum at ${loop.now()}"
            },
        )
        loop.advance(10)
        assertThat(loop.log).containsExactly("15 at 3")
    }

    private inner class Connection(private val number: Int) {
        fun serve() = Pollable { cx: Context ->
            loop.log += "${cx.taskName()} $number"
            Poll.ready(Unit)
        }
    }

    @Test
    fun spawn() {
        val connections = List(3) { Connection(it) }
        loop.scope.launch {
            coroutineScope {
                for (connection in connections) {
                    spawn("connection", connection.serve())
                }
            } // all have been served; or one has failed, and the others are cancelled and have ended
            loop.log += "closed"
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("connection 0", "connection 1", "connection 2", "closed")
    }
}
