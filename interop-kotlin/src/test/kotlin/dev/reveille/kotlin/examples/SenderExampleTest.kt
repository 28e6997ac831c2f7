package dev.reveille.kotlin.examples

import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asSendChannel
import dev.reveille.kotlin.awaitSend
import dev.reveille.sync.Channel
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class SenderExampleTest {
    private val loop = TestLoop()
    private val scope = loop.scope
    private val reports = Channel.unbounded<String>("reports")
    private val sender = reports.newSender()

    private fun received() = generateSequence { reports.tryReceive() }.toList()

    @Test
    fun awaitSendExample() {
        scope.launch {
            sender.use {
                for (i in 1..3) {
                    it.awaitSend("report $i")
                }
            }
        }
        loop.runUntilStalled()

        assertThat(received()).containsExactly("report 1", "report 2", "report 3")
        assertThat(reports.isDrained).isTrue
    }

    private suspend fun legacyProducer(channel: SendChannel<String>) {
        channel.send("from elsewhere")
    }

    @Test
    fun asSendChannelExample() {
        scope.launch {
            val channel: SendChannel<String> = sender.asSendChannel(scope)
            legacyProducer(channel)
            channel.close() // or else the scope does not complete
        }
        loop.runUntilStalled()

        assertThat(received()).containsExactly("from elsewhere")
        assertThat(reports.isDrained).isTrue
    }
}
