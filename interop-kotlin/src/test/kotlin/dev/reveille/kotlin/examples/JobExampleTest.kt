package dev.reveille.kotlin.examples

import dev.reveille.Complete
import dev.reveille.Context
import dev.reveille.Pollable
import dev.reveille.combine.Pollables
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asPollable
import dev.reveille.kotlin.asStopToken
import dev.reveille.kotlin.get
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class JobExampleTest {
    private val loop = TestLoop()
    private val dispatcher = loop.dispatcher

    private suspend fun send(file: String) {
        delay(file.length.toLong())
    }

    @Test
    fun asPollable() {
        val scope = loop.scope
        val file = "contents"
        val upload: Job = scope.launch { send(file) }
        val receipt = dispatcher.spawn("receipt", Pollables.map(upload.asPollable()) { "sent" })
        loop.advance(8)
        assertThat(receipt.get()).isEqualTo("sent")
    }

    @Test
    fun asStopToken() {
        val pings =
            Pollable<Complete> { cx: Context ->
                loop.log += "stopped: ${cx.stopToken().isStopped}"
                cx.stopToken().pollStopped(cx)
            }
        val session = Job()
        dispatcher.spawnUnder(session.asStopToken(), "pings", pings)
        session.cancel() // `pings` sees cx.stopToken().isStopped
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("stopped: true")
    }
}
