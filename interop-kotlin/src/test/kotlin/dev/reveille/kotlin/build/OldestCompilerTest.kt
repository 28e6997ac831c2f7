package dev.reveille.kotlin.build

import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Path
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** The oldest Kotlin compiler that README.md promises reads our classes. With the profile old-compiler only. */
class OldestCompilerTest {
    @TempDir
    private lateinit var folder: Path

    @Test
    fun aProgramIsCompiledAndRuns() {
        val compiler = Path.of("target", "old-compiler")
        assumeTrue(compiler.isDirectory(), "the build is without the profile old-compiler")
        val jars = compiler.listDirectoryEntries("*.jar")
        val version = jars.single { it.name.startsWith(COMPILER) }.name.removePrefix(COMPILER)
        assertThat(Path.of("README.md").readText())
            .contains("| Kotlin compiler of the user | ${version.split('.').take(2).joinToString(".")} and later |")

        folder.resolve("Program.kt").writeText(PROGRAM)
        run(
            "-cp ${jars.joinToString(File.pathSeparator)} org.jetbrains.kotlin.cli.jvm.K2JVMCompiler " +
                "-no-stdlib -no-reflect -Werror -cp ${ours()} -d $folder $folder/Program.kt",
        )
        assertThat(run("-cp $folder${File.pathSeparator}${ours()} ProgramKt").trim()).isEqualTo("value")
    }

    /** What a user has on the class path: nothing that is as new as our compiler. */
    private fun ours(): String = System.getProperty("java.class.path").split(File.pathSeparator)
        .filter { entry ->
            entry.endsWith("classes") || LIBRARIES.any { Path.of(entry).fileName.toString().startsWith(it) }
        }.joinToString(File.pathSeparator)

    private fun run(arguments: String): String {
        val output = folder.resolve("output.txt").toFile()
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val process =
            ProcessBuilder(listOf(java, "-Xmx512m") + arguments.split(' '))
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start()
        check(process.waitFor(55, SECONDS)) { "it does not end: ${output.readText()}" }
        assertThat(process.exitValue()).describedAs(output.readText()).isZero()
        return output.readText()
    }

    private companion object {
        const val COMPILER = "kotlin-compiler-embeddable-"

        val LIBRARIES =
            listOf("reveille-runtime", "kotlinx-coroutines-core", "kotlin-stdlib", "annotations", "jspecify")

        val PROGRAM =
            """
            import dev.reveille.BasicDispatcher
            import dev.reveille.kotlin.asCoroutineDispatcher
            import dev.reveille.kotlin.await
            import dev.reveille.kotlin.pollable
            import kotlinx.coroutines.CoroutineScope
            import kotlinx.coroutines.delay
            import kotlinx.coroutines.launch

            fun main() {
                val dispatcher = BasicDispatcher()
                CoroutineScope(dispatcher.asCoroutineDispatcher()).launch {
                    println(dispatcher.pollable { delay(1).let { "value" } }.await())
                }
                dispatcher.runToCompletion()
            }
            """.trimIndent()
    }
}
