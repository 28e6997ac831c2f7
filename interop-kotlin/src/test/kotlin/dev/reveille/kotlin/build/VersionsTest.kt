package dev.reveille.kotlin.build

import dev.reveille.kotlin.ReveilleDispatcher
import kotlinx.coroutines.Job
import kotlinx.coroutines.test.TestScope
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.nio.file.Path
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.toPath
import kotlin.io.path.walk

/** What the tests run with, and what our classes ask of a user's compiler, is what the build and README.md say. */
class VersionsTest {
    private val readme = Path.of("README.md").readText()

    /** The profiles coroutines-1.9 and coroutines-1.10 would else test the pinned version three times. */
    @Test
    fun theTestsRunWithTheVersionThatTheBuildNames() {
        val tested = System.getProperty(TESTED)
        val core = locationOf(Job::class.java)
        val test = locationOf(TestScope::class.java)
        if (tested == System.getProperty(PINNED)) {
            assertThat(core.name).isEqualTo("kotlinx-coroutines-core-jvm-$tested.jar")
            assertThat(test.name).isEqualTo("kotlinx-coroutines-test-jvm-$tested.jar")
        } else {
            assertThat(core.name).isEqualTo("test-classes-coroutines-${tested.substringBeforeLast('.')}")
            assertThat(test).isEqualTo(core)
        }
    }

    /** A compiler reads metadata that is one version newer than itself, and no newer. */
    @Test
    fun theMetadataOfAllOurClassesIsOfTheLanguageVersionThatTheReadmePromises() {
        val language = Regex("""\| language and API level \| (\d)\.(\d) \|""").find(readme)
        val (major, minor) = checkNotNull(language) { "README.md does not tell the language level" }.destructured
        val versions =
            ourClasses().mapNotNull { name ->
                Class.forName(name, false, javaClass.classLoader).getAnnotation(Metadata::class.java)
            }.map { it.metadataVersion.take(2) }
        assertThat(versions.distinct()).containsExactly(listOf(major.toInt(), minor.toInt()))
    }

    private fun ourClasses(): List<String> {
        val root = locationOf(ReveilleDispatcher::class.java)
        return root.walk()
            .filter { it.name.endsWith(".class") && !it.name.endsWith("-info.class") }
            .map { root.relativize(it).toString().removeSuffix(".class").replace('/', '.') }
            .toList()
    }

    private fun locationOf(type: Class<*>): Path = type.protectionDomain.codeSource.location.toURI().toPath()

    private companion object {
        const val PINNED = "test.coroutines.pinned"
        const val TESTED = "test.coroutines.version"
    }
}
