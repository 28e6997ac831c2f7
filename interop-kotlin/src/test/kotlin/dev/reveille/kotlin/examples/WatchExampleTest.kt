package dev.reveille.kotlin.examples

import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asFlow
import dev.reveille.sync.Watch
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class WatchExampleTest {
    private class Logger(var level: String = "OFF")

    @Test
    fun asFlowExample() {
        val loop = TestLoop()
        val logger = Logger()
        val level = Watch("log level", "INFO")
        loop.scope.launch {
            level.asFlow().collect { newest -> logger.level = newest }
        }
        loop.runUntilStalled()
        assertThat(logger.level).isEqualTo("INFO")
        level.set("DEBUG")
        loop.runUntilStalled()

        assertThat(logger.level).isEqualTo("DEBUG")
    }
}
