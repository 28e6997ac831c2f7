package dev.reveille.kotlin.debug

import dev.reveille.kotlin.build.FreshJvm
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

/** BlockHound lets our loops sleep, and finds those who block them, with the integration that README.md shows. */
class BlockHoundTest {
    @Test
    fun theLoopMaySleepAndACoroutineOnItMayNotBlock() {
        val output = FreshJvm.run(Blocking::class.java.name, flags())
        assertThat(output.lines())
            .contains("coroutine: fine", "task: fine")
            .anyMatch { it.startsWith("guilty: ") && FOUND in it }
            .anyMatch { it.startsWith("guilty task: ") && FOUND in it }
    }

    private companion object {
        const val FOUND = "found: Blocking call! jdk.internal.misc.Unsafe#park"

        /** BlockHound attaches itself, and rewrites native methods. What the JVM says to that stays in the output. */
        fun flags(): List<String> = listOf(
            "-XX:+AllowRedefinitionToAddDeleteMethods",
            "-Djdk.attach.allowAttachSelf=true",
        ) + if (Runtime.version().feature() >= 21) listOf("-XX:+EnableDynamicAgentLoading") else emptyList()
    }
}
