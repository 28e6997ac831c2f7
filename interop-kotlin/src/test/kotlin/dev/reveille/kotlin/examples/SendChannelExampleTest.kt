package dev.reveille.kotlin.examples

import dev.reveille.Pollable
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.pollableSend
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class SendChannelExampleTest {
    private val loop = TestLoop()
    private val dispatcher = loop.dispatcher
    private val results = Channel<String>()

    @Test
    fun pollableSendExample() {
        val report: Pollable<Unit> = results.pollableSend("42")
        dispatcher.spawn("report", report)
        loop.runUntilStalled()
        loop.scope.launch { loop.log += results.receive() }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("42")
        assertThat(loop.tasks()).isEmpty()
    }
}
