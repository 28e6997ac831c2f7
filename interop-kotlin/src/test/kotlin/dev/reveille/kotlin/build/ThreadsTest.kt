package dev.reveille.kotlin.build

import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

/** No hidden thread: not ours, and none of kotlinx.coroutines because of us. */
class ThreadsTest {
    @Test
    fun coroutinesOnALoopBringNoThreadAlong() {
        val output = FreshJvm.run(Threads::class.java.name)
        assertThat(output).contains("steps: ").contains("select", "debounce", "consume(on)", "ran to its end")
        val alive = output.lines().filter { it.startsWith("thread: ") }.map { it.removePrefix("thread: ") } - OF_THE_JVM
        assertThat(alive).contains("main").isSubsetOf("main", REAPER)

        // Also none that has ended since: the program starts one thread, to drive its second dispatcher.
        val started = output.lines().single { it.startsWith("started: ") }.removePrefix("started: ").toInt()
        assertThat(started).isEqualTo(1 + alive.count { it == REAPER })
    }

    private companion object {
        const val REAPER = "reveille-reaper"

        val OF_THE_JVM =
            setOf(
                "Reference Handler",
                "Finalizer",
                "Signal Dispatcher",
                "Attach Listener",
                "Common-Cleaner",
                "Notification Thread",
                "Cleaner-0",
            )
    }
}
