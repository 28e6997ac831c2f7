package dev.reveille.kotlin.examples

import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.awaitReceive
import dev.reveille.kotlin.awaitSend
import dev.reveille.kotlin.iterator
import dev.reveille.sync.Channel
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class ChannelExampleTest {
    private val loop = TestLoop()
    private val jobs = Channel.rendezvous<String>("jobs")
    private val done = mutableListOf<String>()

    @Test
    fun awaitSendAndAwaitReceiveExamples() {
        loop.scope.launch {
            jobs.awaitSend("sweep") // waits while the channel is full
            jobs.close()
        }
        loop.scope.launch {
            while (true) {
                val job = jobs.awaitReceive() ?: break // the channel is closed and empty
                done += job
            }
        }
        loop.runUntilStalled()

        assertThat(done).containsExactly("sweep")
        assertThat(loop.tasks()).isEmpty()
    }

    @Test
    fun iteratorExample() {
        loop.scope.launch {
            for (job in jobs) {
                done += job
            }
        }
        loop.runUntilStalled()
        jobs.trySend("sweep")
        jobs.close()
        loop.runUntilStalled()

        assertThat(done).containsExactly("sweep")
    }

    @Test
    fun valueIteratorExample() {
        val receiver = Channel.bounded<String>(2).apply { trySend("From: Ada") }.newReceiver()
        loop.scope.launch {
            val values = receiver.iterator()
            val header = if (values.hasNext()) values.next() else "nothing"
            done += header
        }
        loop.runUntilStalled()

        assertThat(done).containsExactly("From: Ada")
    }
}
