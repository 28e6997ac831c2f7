package dev.reveille.kotlin.examples

import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asFlow
import dev.reveille.sync.Broadcast
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class BroadcastExampleTest {
    @Test
    fun asFlowExample() {
        val loop = TestLoop()
        val log = loop.log
        val news = Broadcast<String>("news", 1)
        loop.scope.launch {
            news.asFlow(onLagged = { missed -> log += "$missed missed" })
                .collect { line -> log += line }
        }
        loop.runUntilStalled()
        news.send("one")
        news.send("two")
        news.close()
        loop.runUntilStalled()

        assertThat(log).containsExactly("1 missed", "two")
    }
}
