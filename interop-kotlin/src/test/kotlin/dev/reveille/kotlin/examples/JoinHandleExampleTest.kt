package dev.reveille.kotlin.examples

import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asDeferred
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread

class JoinHandleExampleTest {
    @Test
    fun asDeferred(@TempDir directory: Path) {
        val loop = TestLoop()
        val dispatcher = loop.dispatcher
        val file = directory.resolve("report").toFile()
        val query = Pollable { Poll.ready("all is well") }
        val written = CountDownLatch(1)
        loop.scope.launch {
            val report: Deferred<String> = dispatcher.spawn("report", query).asDeferred()
            withContext(Dispatchers.IO) { file.writeText(report.await()) }
            written.countDown()
            dispatcher.stop()
        }
        val driver = thread { dispatcher.run() }
        assertThat(written.await(10, SECONDS)).isTrue()
        driver.join()
        assertThat(file).hasContent("all is well")
    }
}
