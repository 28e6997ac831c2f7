package dev.reveille.kotlin.examples

import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asPollStream
import dev.reveille.sync.PollStream
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.flow
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class FlowExampleTest {
    private val loop = TestLoop()
    private val dispatcher = loop.dispatcher

    @Test
    fun asPollStreamExample() {
        val squares: PollStream<Int> = flow {
            for (i in 1..3) {
                delay(100)
                emit(i * i)
            }
        }.asPollStream()
        val all = dispatcher.spawn("squares", squares.toList())
        loop.advance(300)

        assertThat(all.toCompletableFuture().get()).containsExactly(1, 4, 9)
    }
}
