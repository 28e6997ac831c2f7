package dev.reveille.kotlin.examples

import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asFlow
import dev.reveille.kotlin.coroutineTask
import dev.reveille.sync.PollStream
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.time.Duration

class PollStreamExampleTest {
    private val loop = TestLoop()

    @Test
    fun asFlowExample() {
        val ticks = PollStream.interval(Duration.ofMillis(10))
        loop.dispatcher.post(
            coroutineTask {
                val head = ticks.asFlow()
                    .map { tick -> tick * 2 }
                    .take(3)
                    .toList() // and the stream is cancelled
                loop.log += "$head"
            },
        )
        loop.advance(100)

        assertThat(loop.log).containsExactly("[0, 2, 4]")
        assertThat(loop.tasks()).isEmpty()
    }
}
