package dev.reveille.kotlin.debug

import dev.reveille.kotlin.build.FreshJvm
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test

/** The debug agent of kotlinx.coroutines sees our coroutines as any others, and does them no harm. */
class DebugProbesTest {
    private val output: String get() = OUTPUT

    private fun section(from: String, to: String): String = output.substringAfter(from).substringBefore(to)

    @Test
    fun theyAreSeenWithNameStateDispatcherAndPlace() {
        assertThat(output).startsWith("installed: true")
        val lines = section("while they wait", "Coroutines dump").lines().filter { it.startsWith("coroutine: ") }

        assertThat(lines).hasSize(3).allMatch { "waitForTheGate" in it && "active=true" in it }
        assertThat(
            lines[0],
        ).startsWith("coroutine: the ordinary one SUSPENDED").contains("on=ReveilleDispatcher[loop] ")
        assertThat(lines[1])
            .startsWith("coroutine: the pollable SUSPENDED")
            .contains("on=ReveilleDispatcher[loop].task[the pollable] ")
        assertThat(lines[2])
            .startsWith("coroutine: the task SUSPENDED")
            .contains("on=ReveilleDispatcher[loop].task[the task] ")
    }

    /** A coroutine that is polled begins in its first poll: that is the place. */
    @Test
    fun theirCreationIsSeen() {
        val creations = section("while they wait", "Coroutines dump").lines().map { it.substringAfter("creation=") }
        assertThat(creations[1]).contains("launchOrdinary")
        assertThat(creations[2]).contains("startCoroutineUndispatched", "doPoll")
    }

    @Test
    fun theDumpNamesDispatcherTaskAndLine() {
        val dump = section("Coroutines dump", "end of dump")
        assertThat(dump)
            .contains("\"the ordinary one#", "\"the pollable#", "\"the task#", "SUSPENDED")
            .contains("at dev.reveille.kotlin.debug.Probes.waitForTheGate(Probes.kt:")
            .contains("at dev.reveille.kotlin.debug.Probes\$makeATask\$1.invokeSuspend(Probes.kt:")
    }

    @Test
    fun nothingStaysBehindWhenTheyHaveEnded() {
        assertThat(section("after their end", "\u0000")).doesNotContain("coroutine: ")
    }

    @Test
    fun theJvmHasNothingToWarnOf() {
        assertThat(output).doesNotContain("WARNING:").doesNotContain("VM warning")
    }

    @BeforeEach
    fun theAgentIsThatOfTheCoroutinesOnTheClassPath() {
        val tested = System.getProperty("test.coroutines.version")
        assumeTrue(tested == System.getProperty("test.coroutines.pinned"), "the agent at hand is not of $tested")
    }

    private companion object {
        val OUTPUT: String by lazy {
            FreshJvm.run(Probes::class.java.name, listOf("-javaagent:${FreshJvm.jar(CORE)}", SEES_CREATION))
        }

        const val CORE = "kotlinx-coroutines-core-jvm"
        const val SEES_CREATION = "-Dkotlinx.coroutines.debug.enable.creation.stack.trace=true"
    }
}
