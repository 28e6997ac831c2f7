package dev.reveille.kotlin.build

import dev.reveille.kotlin.ReveilleDispatcher
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
        for (module in listOf("core", "test")) {
            val resource = checkNotNull(javaClass.getResource("/META-INF/kotlinx_coroutines_$module.version"))
            assertThat(resource.readText().trim()).describedAs(module).isEqualTo(System.getProperty(TESTED))
        }
    }

    @Test
    fun ourClassesAreThoseThatWereCompiledAgainstThePinnedVersion() {
        val types = ReveilleDispatcher::class.java.classLoader.getResources(
            "dev/reveille/kotlin/TimedBlock.class",
        ).toList()
        assertThat(types).hasSize(1)
        assertThat(types.single().toString()).contains("/classes/")
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
        val root = ReveilleDispatcher::class.java.protectionDomain.codeSource.location.toURI().toPath()
        return root.walk()
            .filter { it.name.endsWith(".class") && !it.name.endsWith("-info.class") }
            .map { root.relativize(it).toString().removeSuffix(".class").replace('/', '.') }
            .toList()
    }

    private companion object {
        const val TESTED = "test.coroutines.version"
    }
}
