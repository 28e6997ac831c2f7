package dev.reveille.kotlin.examples

import dev.reveille.Complete
import dev.reveille.Pollable
import dev.reveille.Timer
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.await
import dev.reveille.kotlin.timeSource
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.time.Duration

class TimeSourceExampleTest {
    private val loop = TestLoop()

    private inner class Connection {
        fun write(size: Int): Pollable<Complete> =
            Timer(loop.dispatcher).apply { reset(Duration.ofMillis(size.toLong())) }
    }

    @Test
    fun timeSourceExample() {
        val dispatcher = loop.dispatcher
        val connection = Connection()
        val request = 20
        val log = loop.log
        loop.scope.launch {
            val start = dispatcher.timeSource.markNow()
            connection.write(request).await()
            log += "written in ${start.elapsedNow()}"
        }
        loop.advance(100)
        assertThat(log).containsExactly("written in 20ms")
    }
}
