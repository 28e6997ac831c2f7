package dev.reveille.kotlin.examples

import dev.reveille.BasicDispatcher
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.sleep
import dev.reveille.kotlin.sleepUntil
import dev.reveille.kotlin.timeSource
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.microseconds
import kotlin.time.Duration.Companion.milliseconds

class SleepExampleTest {
    private val loop = TestLoop()

    private class Link {
        var pulses = 0

        fun pulse() {
            pulses++
        }
    }

    @Test
    fun sleepExample() {
        val link = Link()
        val job =
            loop.scope.launch {
                while (true) {
                    sleep(250.microseconds)
                    link.pulse()
                }
            }
        loop.advance(1)
        job.cancel()
        assertThat(link.pulses).isEqualTo(4)
    }

    @Test
    fun dispatcherSleepExample(@TempDir folder: File) {
        val dispatcher = BasicDispatcher()
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.run() }
        val file = File(folder, "answer")
        val text =
            runBlocking {
                val text =
                    async {
                        withContext(Dispatchers.IO) {
                            while (!file.exists()) dispatcher.sleep(10.milliseconds) // mock time, in a test
                            file.readText()
                        }
                    }
                val written = File(folder, "draft").apply { writeText("42") }
                assertThat(written.renameTo(file)).isTrue()
                text.await()
            }
        guard.close()
        dispatcher.stop()
        driver.join()
        assertThat(text).isEqualTo("42")
    }

    @Test
    fun sleepUntilExample() {
        val dispatcher = loop.dispatcher

        suspend fun draw() {
            loop.log += "at ${loop.now()}"
            sleep(7.milliseconds)
        }
        loop.scope.launch {
            var next = dispatcher.timeSource.markNow()
            repeat(3) {
                next += 20.milliseconds
                dispatcher.sleepUntil(next)
                draw() // however long that takes
            }
        }
        loop.advance(100)
        assertThat(loop.log).containsExactly("at 20", "at 40", "at 60")
    }
}
