package dev.reveille.kotlin.examples

import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asPollStream
import kotlinx.coroutines.channels.Channel
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class ReceiveChannelExampleTest {
    private val loop = TestLoop()
    private val dispatcher = loop.dispatcher

    private fun cook(order: String) {
        loop.log += order
    }

    @Test
    fun asPollStreamExample() {
        val orders = Channel<String>(capacity = 16)
        dispatcher.spawn("kitchen", orders.asPollStream().forEach { order -> cook(order) })
        loop.runUntilStalled()
        orders.trySend("soup")
        orders.close()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("soup")
        assertThat(loop.tasks()).isEmpty()
    }
}
