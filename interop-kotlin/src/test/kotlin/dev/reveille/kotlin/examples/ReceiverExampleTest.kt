package dev.reveille.kotlin.examples

import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asReceiveChannel
import dev.reveille.kotlin.awaitReceive
import dev.reveille.kotlin.iterator
import dev.reveille.sync.Channel
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

@OptIn(ExperimentalCoroutinesApi::class)
class ReceiverExampleTest {
    private val loop = TestLoop()
    private val scope = loop.scope
    private val channel = Channel.unbounded<String>("jobs")
    private val receiver = channel.newReceiver()
    private val done = mutableListOf<String>()

    @Test
    fun awaitReceiveExample() {
        scope.launch {
            val first = receiver.awaitReceive() ?: error("closed before anything was sent")
            done += first
        }
        loop.runUntilStalled()
        channel.trySend("sweep")
        loop.runUntilStalled()

        assertThat(done).containsExactly("sweep")
    }

    @Test
    fun iteratorExample() {
        scope.launch {
            for (job in receiver) {
                done += job
            }
        }
        channel.trySend("sweep")
        channel.trySend("mop")
        channel.close()
        loop.runUntilStalled()

        assertThat(done).containsExactly("sweep", "mop")
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun asReceiveChannelExample() {
        scope.launch {
            val jobs: ReceiveChannel<String> = receiver.asReceiveChannel(scope)
            select {
                jobs.onReceive { job -> done += job }
                onTimeout(1_000) { done += "nothing to do" }
            }
            jobs.cancel() // or else the scope does not complete before the channel is closed
        }
        loop.advance(1_000)

        assertThat(done).containsExactly("nothing to do")
        assertThat(channel.isClosed).isTrue
    }
}
