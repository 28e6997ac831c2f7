package dev.reveille.kotlin.examples

import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.await
import dev.reveille.kotlin.coroutineTask
import dev.reveille.kotlin.yieldNow
import kotlinx.coroutines.delay
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.util.zip.CRC32

class CoroutineTaskExampleTest {
    private val loop = TestLoop()
    private val dispatcher = loop.dispatcher

    private object Ping

    @Test
    fun aTaskBeats() {
        fun send(message: Any) =
            Pollable { Poll.ready(loop.log.add("${message.javaClass.simpleName} at ${loop.now()}")) }
        dispatcher.post(
            coroutineTask("heartbeat") {
                while (true) {
                    delay(1_000)
                    send(Ping).await()
                }
            },
        )
        loop.runUntilStalled()
        loop.advance(1_000)
        loop.advance(1_000)

        assertThat(loop.log).containsExactly("Ping at 1000", "Ping at 2000")
        dispatcher.close()
        loop.assertNothingUncaught()
    }

    private class HugeFile {
        fun blocks(): Sequence<ByteArray> = generateSequence(1) { if (it < 4) it + 1 else null }.map { ByteArray(it) }
    }

    @Test
    fun aLongLoopLetsOthersRun() {
        val hugeFile = HugeFile()
        val checksum = CRC32()
        dispatcher.post(
            coroutineTask("checksum") {
                for (block in hugeFile.blocks()) {
                    checksum.update(block)
                    yieldNow()
                }
                loop.log += "checksum"
            },
        )
        dispatcher.post { loop.log += "others" }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("others", "checksum")
        assertThat(checksum.value).isEqualTo(CRC32().apply { update(ByteArray(10)) }.value)
    }
}
