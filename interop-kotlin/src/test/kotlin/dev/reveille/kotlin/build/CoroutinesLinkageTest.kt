package dev.reveille.kotlin.build

import dev.reveille.kotlin.ReveilleDispatcher
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.lang.reflect.Executable
import java.lang.reflect.Method
import java.net.URLClassLoader
import java.nio.file.Path
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.toPath
import kotlin.io.path.walk

/**
 * Our classes, as they are compiled against the pinned version of kotlinx.coroutines, link with each version that we
 * support: every class, method and field of it that they name is there. This covers what no test happens to run.
 *
 * The story: 1.11 compiles default arguments of interface functions into the interface itself, where 1.9 and 1.10 have
 * them in `Job$DefaultImpls`. So `job.cancel()`, compiled against 1.11, is a [NoSuchMethodError] with 1.9, and
 * `job.cancel(null)` is not. Users do not have that problem: their code is compiled against the version that they run.
 */
class CoroutinesLinkageTest {
    @ParameterizedTest
    @MethodSource("versions")
    fun everythingThatOurClassesNameIsThere(coroutines: Path) {
        val missing = sortedSetOf<String>()
        OtherCoroutines(coroutines).use { loader ->
            for (file in ourClasses()) {
                val pool = file.toUri().toURL().openStream().use { ConstantPool.read(it) }
                val linkage = Linkage(loader)
                pool.classes
                    .filter { it.startsWith(KOTLINX) && !linkage.hasClass(it) }
                    .mapTo(missing) { "${file.name} names $it" }
                pool.references
                    .filter { it.owner.startsWith(KOTLINX) && !linkage.resolves(it) }
                    .mapTo(missing) { "${file.name} names $it" }
            }
        }
        assertThat(missing)
            .describedAs(
                "what %s lacks; an argument that is left out of a call of an interface function is the usual cause: " +
                    "pass it, as in job.cancel(null)",
                coroutines.name,
            ).isEmpty()
    }

    @Test
    fun theVersionsAreTheOldestThatWeSupportAndEachAfterIt() {
        assertThat(versions().map { it.name })
            .containsExactlyInAnyOrder("coroutines-1.9", "coroutines-1.10")
        assertThat(ourClasses().map { it.name }).contains("AwaitKt.class", "ReveilleDispatcher.class")
    }

    /** Without the check for a thing that is missing, the test above would pass for the wrong reason. */
    @Test
    fun aMemberThatIsMissingIsFound() {
        val linkage = Linkage(javaClass.classLoader)
        val job = "kotlinx.coroutines.Job"
        val cancel = "(Ljava/util/concurrent/CancellationException;)V"
        assertThat(linkage.resolves(Reference(job, "cancel", cancel))).isTrue()
        assertThat(linkage.resolves(Reference("kotlinx.coroutines.CompletableJob", "cancel", cancel))).isTrue()
        assertThat(linkage.resolves(Reference(job, "cancel", "(Ljava/lang/String;)V"))).isFalse()
        assertThat(linkage.resolves(Reference(job, "Key", "Lkotlinx/coroutines/Job\$Key;"))).isTrue()
        assertThat(linkage.hasClass("kotlinx.coroutines.NoSuchThing")).isFalse()
    }

    /** All of kotlinx.coroutines from [folder], the rest from the class path. */
    private class OtherCoroutines(folder: Path) :
        URLClassLoader(
            folder.listDirectoryEntries("*.jar").map { it.toUri().toURL() }.toTypedArray(),
            CoroutinesLinkageTest::class.java.classLoader,
        ) {
        override fun loadClass(name: String, resolve: Boolean): Class<*> = synchronized(getClassLoadingLock(name)) {
            if (name.startsWith(KOTLINX)) findLoadedClass(name) ?: findClass(name) else super.loadClass(name, resolve)
        }
    }

    private class Linkage(private val loader: ClassLoader) {
        fun hasClass(name: String): Boolean = name.startsWith("[") || find(name) != null

        fun resolves(reference: Reference): Boolean {
            val owner = find(reference.owner) ?: return false
            return lineage(owner).any { type ->
                if (reference.isField) {
                    type.declaredFields.any {
                        it.name == reference.name && it.type.descriptorString() == reference.descriptor
                    }
                } else {
                    val candidates: List<Executable> = type.declaredMethods.toList() + type.declaredConstructors
                    candidates.any { nameOf(it) == reference.name && descriptorOf(it) == reference.descriptor }
                }
            }
        }

        private fun find(name: String): Class<*>? = try {
            Class.forName(name, false, loader)
        } catch (_: ClassNotFoundException) {
            null
        }

        private fun lineage(type: Class<*>): Sequence<Class<*>> = sequence {
            yield(type)
            type.superclass?.let { yieldAll(lineage(it)) }
            type.interfaces.forEach { yieldAll(lineage(it)) }
        }

        private fun nameOf(member: Executable) = if (member is Method) member.name else "<init>"

        private fun descriptorOf(member: Executable): String = member.parameterTypes
            .joinToString("", "(", ")") { it.descriptorString() } +
            if (member is Method) member.returnType.descriptorString() else "V"
    }

    private companion object {
        const val KOTLINX = "kotlinx.coroutines."

        /** Put there by the build: the jars of one version in each. */
        @JvmStatic
        fun versions(): List<Path> = Path.of("target").listDirectoryEntries("coroutines-*").filter { it.isDirectory() }

        fun ourClasses(): List<Path> {
            val root = ReveilleDispatcher::class.java.protectionDomain.codeSource.location.toURI()
            return root.toPath().walk().filter { it.name.endsWith(".class") && it.name != "module-info.class" }.toList()
        }
    }
}
