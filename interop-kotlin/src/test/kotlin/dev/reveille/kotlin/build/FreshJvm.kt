package dev.reveille.kotlin.build

import org.assertj.core.api.Assertions.assertThat
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.io.path.deleteIfExists
import kotlin.io.path.readText

/** Runs a `main` on the class path of the tests in a JVM of its own: for flags, agents, and a clean slate of threads. */
internal object FreshJvm {
    /** The jar of the class path whose name begins with [prefix]. */
    fun jar(prefix: String): Path = classPath().map { Path.of(it) }.single { it.fileName.toString().startsWith(prefix) }

    fun hasJar(prefix: String): Boolean = classPath().any { Path.of(it).fileName.toString().startsWith(prefix) }

    /** What it printed, in both streams. It must end by itself, and with success. */
    fun run(main: String, flags: List<String> = emptyList(), args: List<String> = emptyList()): String {
        val output = Files.createTempFile("fresh-jvm", ".txt")
        try {
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
            val command =
                listOf(java, "-ea", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC") + flags +
                    listOf("-cp", classPath().joinToString(File.pathSeparator), main) + args
            val process = ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start()
            if (!process.waitFor(50, SECONDS)) {
                process.destroyForcibly().waitFor()
                throw AssertionError("$main does not end:\n${output.readText()}")
            }
            assertThat(process.exitValue()).describedAs("exit of %s, which said:\n%s", main, output.readText()).isZero()
            return output.readText()
        } finally {
            output.deleteIfExists()
        }
    }

    private fun classPath(): List<String> = System.getProperty("java.class.path").split(File.pathSeparator)
}
