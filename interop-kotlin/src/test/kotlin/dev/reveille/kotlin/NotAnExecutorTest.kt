package dev.reveille.kotlin

import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * kotlinx.coroutines has an `Executor.asCoroutineDispatcher()` of its own, which would run delays on a hidden thread. It
 * must not be picked by a forgotten import; so a dispatcher is no executor. Proved by the compiler, in a process of its
 * own.
 */
class NotAnExecutorTest {
    @TempDir
    private lateinit var folder: Path

    @Test
    fun withTheImportsOfKotlinxAloneItDoesNotCompile() {
        val (code, output) = compile("")
        assertThat(output).contains("asCoroutineDispatcher").contains("receiver type mismatch")
        assertThat(code).isNotZero()
    }

    @Test
    fun withOurImportItCompiles() {
        val (code, output) = compile("import dev.reveille.kotlin.asCoroutineDispatcher")
        assertThat(output).isEmpty()
        assertThat(code).isZero()
    }

    private fun compile(import: String): Pair<Int, String> {
        val source = folder.resolve("Snippet.kt")
        source.writeText(
            """
            import dev.reveille.Dispatcher
            import kotlinx.coroutines.*
            $import

            fun start(dispatcher: Dispatcher): Job =
                CoroutineScope(dispatcher.asCoroutineDispatcher()).launch { delay(1) }
            """.trimIndent(),
        )
        val classPath = System.getProperty("java.class.path")
        val output = folder.resolve("output.txt")
        val compiler =
            ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                classPath,
                "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
                "-no-stdlib",
                "-no-reflect",
                "-nowarn",
                "-cp",
                classPath,
                "-d",
                folder.resolve("classes").toString(),
                source.toString(),
            ).redirectErrorStream(true).redirectOutput(output.toFile()).start()
        check(compiler.waitFor(50, SECONDS)) { "the compiler does not end: ${output.readText()}" }
        return compiler.exitValue() to
            output.readText().lines().filterNot { it.startsWith("WARNING:") }.joinToString("\n").trim()
    }
}
