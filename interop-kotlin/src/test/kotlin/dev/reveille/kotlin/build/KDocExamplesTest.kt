package dev.reveille.kotlin.build

import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

/**
 * Every public function, property and class of the first column has an example in its KDoc, and every example is part of
 * a test in `dev.reveille.kotlin.examples`, word for word but for white space. Files are named after what they extend.
 */
class KDocExamplesTest {
    private val main = KotlinSources.main()
    private val declarations = main.flatMap { (file, source) -> KotlinSources.declarations(file, source) }

    @Test
    fun everyPublicDeclarationHasAnExample() {
        assertThat(declarations.map { it.toString() })
            .contains("Await.kt: fun Pollable.await", "ReveilleDispatcher.kt: class ReveilleDispatcher")
        assertThat(declarations.filter { it.examples.isEmpty() })
            .describedAs("public declarations without a ``` example in their KDoc")
            .isEmpty()
    }

    @Test
    fun everyExampleIsPartOfATest() {
        val tests =
            KotlinSources
                .tests()
                .filter { (file, source) -> file.endsWith("ExampleTest.kt") && "    @Test\n" in source }
                .filter { (_, source) -> "package dev.reveille.kotlin.examples" in source }
                .values
                .map { squash(it.replace(BLOCK_COMMENT, "")) }
        val strangers =
            main.flatMap { (file, source) ->
                KotlinSources.kdocs(source).flatMap { kdoc ->
                    examplesIn(kdoc)
                        .filter { example -> tests.none { squash(example) in it } }
                        .map { "$file: ${symbolOf(file, kdoc)}:\n$it" }
                }
            }
        assertThat(strangers).describedAs("examples that no test in dev.reveille.kotlin.examples runs").isEmpty()
    }

    /** So that no example escapes the test above by the way it is written. */
    @Test
    fun everyExampleIsWrittenInTheOneWayThatIsChecked() {
        val strange =
            main.flatMap { (file, source) ->
                KotlinSources
                    .kdocs(source)
                    .filter { kdoc ->
                        kdoc.split("```").size - 1 != 2 * blocksIn(kdoc).size ||
                            blocksIn(kdoc).any { block -> block.all { it.isBlank() } } ||
                            "@sample" in kdoc ||
                            "~~~" in kdoc
                    }.map { "$file: ${symbolOf(file, it)}" }
            }
        assertThat(strange).describedAs("KDoc with an example that is not lines between two lines of ```").isEmpty()
    }

    @Test
    fun extensionsLieInTheFileOfTheirReceiver() {
        val misplaced =
            declarations.filter { it.receiver != null && it.file != "${it.receiver}.kt" }.filterNot { declaration ->
                declaration.file in NAMED_OTHERWISE &&
                    (declaration.receiver in NAMED_OTHERWISE.getValue(declaration.file))
            }
        assertThat(misplaced)
            .describedAs("extensions in a file that is not named after their receiver (exceptions: NAMED_OTHERWISE)")
            .isEmpty()
    }

    @Test
    fun eachExceptionFromTheNamingOfFilesIsStillNeeded() {
        val needed = declarations.filter { it.receiver != null }.groupBy({ it.file }, { it.receiver })
        NAMED_OTHERWISE.forEach { (file, receivers) ->
            assertThat(needed[file]).describedAs(file).containsAll(receivers)
        }
    }

    /** The tests above believe the reader; this one does not. */
    @Test
    fun theReaderFindsKindNameReceiverAndExample() {
        val source =
            """
            |/** Not public. */
            |internal fun Int.hidden() = 1
            |
            |/**
            | * Text.
            | *
            | * ```
            | * a.b() // WRONG
            | * a.b { // WRONG
            | *     wrong()
            | * }
            | * b.c()
            | * ```
            | */
            |@JvmName("x")
            |public suspend fun <T : Comparable<T>> Map<T, List<T>>.biggest(of: T): T = of
            |
            |public val Foo.Bar.size: Int get() = 1
            |
            |public fun interface Baz<T> {
            |    public fun member()
            |}
            |public inline fun <T> free(
            |    a: T.() -> Int,
            |)
            """.trimMargin()
        val found = KotlinSources.declarations("File.kt", source)
        assertThat(found.map { it.toString() }).containsExactly(
            "File.kt: fun Map.biggest",
            "File.kt: val Bar.size",
            "File.kt: fun interface Baz",
            "File.kt: fun free",
        )
        assertThat(found.first().examples).containsExactly("b.c()")
        assertThat(found[1].kdoc).isNull()
    }

    private fun symbolOf(file: String, kdoc: String): String =
        declarations.firstOrNull { it.file == file && it.kdoc == kdoc }?.let { "${it.kind} ${it.name}" }
            ?: kdoc.lines().first { it.any(Char::isLetter) }.trim()

    private fun squash(code: String): String = code.replace(WHITE_SPACE, "")

    private companion object {
        val WHITE_SPACE = Regex("\\s+")

        /** An example that was commented out is not run. */
        val BLOCK_COMMENT = Regex("/\\*.*?\\*/", RegexOption.DOT_MATCHES_ALL)

        /** Files named after a family of functions, and the receivers that they have. */
        val NAMED_OTHERWISE: Map<String, List<String>> =
            mapOf(
                // The four ways to wait, as Await.kt of kotlinx.coroutines; Pollable.kt would be all that takes one.
                "Await.kt" to listOf("Pollable"),
                // Waker to continuation and back: one family, and one of its two ends extends Continuation.
                "Waker.kt" to listOf("Continuation"),
                // Time, beside Dispatcher.kt, which is about coroutines.
                "Sleep.kt" to listOf("Dispatcher"),
                "TimeSource.kt" to listOf("Dispatcher"),
            )
    }
}
