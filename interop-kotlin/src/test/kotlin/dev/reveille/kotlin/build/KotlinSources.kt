package dev.reveille.kotlin.build

import java.nio.file.Path
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.walk

/** A public declaration of the first column, with its KDoc. [receiver] is the name of the type that it extends. */
internal class Declaration(
    val file: String,
    val kind: String,
    val name: String,
    val receiver: String?,
    val kdoc: String?,
) {
    /** The code between lines of three backticks, without what is marked as WRONG. */
    val examples: List<String> get() = kdoc?.let { examplesIn(it) }.orEmpty()

    override fun toString(): String = "$file: $kind ${receiver?.plus(".").orEmpty()}$name"
}

/** The sources of this module, read as text: formatted by ktlint, they are regular enough. */
internal object KotlinSources {
    private val KDOC = Regex("""/\*\*.*?\*/""", RegexOption.DOT_MATCHES_ALL)

    /** Up to the end of the name of a class or object, or to the parameters or the type of a function or property. */
    private val DECLARATION =
        Regex(
            """^(?:(/\*\*(?:(?!\*/).)*\*/)\s*\n)?""" + // its KDoc
                """((?:@[^\n]*\n)*)""" +
                // its annotations
                """public ((?:[a-z]+ )*?)(fun interface|class|interface|object|typealias|fun|va[lr]) ([^\n]*(?:\n[^\n]*)?)""",
            setOf(RegexOption.DOT_MATCHES_ALL, RegexOption.MULTILINE),
        )

    fun main(): Map<String, String> = read(Path.of("src/main/kotlin"))

    fun tests(): Map<String, String> = read(Path.of("src/test/kotlin"))

    fun kdocs(source: String): List<String> = KDOC.findAll(source).map { it.value }.toList()

    fun declarations(file: String, source: String): List<Declaration> = DECLARATION
        .findAll(source)
        .map { match ->
            val (kdoc, _, _, kind, rest) = match.destructured
            val isCallable = kind == "fun" || kind.startsWith("va")
            val head = if (isCallable) headOf(rest) else rest.takeWhile { it.isLetterOrDigit() }
            Declaration(
                file,
                kind,
                head.substringAfterLast('.').trim(),
                if (isCallable && '.' in head) head.substringBeforeLast('.').substringAfterLast('.') else null,
                kdoc.ifEmpty { null },
            )
        }.toList()

    /** What stands before the parameters, or before the type of a property; without type parameters and arguments. */
    private fun headOf(rest: String): String {
        val head = StringBuilder()
        var depth = 0
        for (char in rest) {
            when {
                char == '<' -> depth++
                char == '>' -> depth--
                depth > 0 -> continue
                char == '(' || char == ':' || char == '=' -> break
                else -> head.append(char)
            }
        }
        return head.toString().trim().replace("?.", ".")
    }

    private fun read(folder: Path): Map<String, String> =
        folder.walk().filter { it.name.endsWith(".kt") }.associate { it.name to it.readText() }.toSortedMap()
}

private val FENCED =
    Regex("""^\s*\* ?```[a-z]*\n(.*?)^\s*\* ?```$""", setOf(RegexOption.DOT_MATCHES_ALL, RegexOption.MULTILINE))

/** The blocks of code of one KDoc as they are. */
internal fun blocksIn(kdoc: String): List<List<String>> = FENCED
    .findAll(kdoc)
    .map { match -> match.groupValues[1].lines().map { it.trimStart().removePrefix("*").removePrefix(" ") } }
    .toList()

/** The examples of one KDoc. What is marked as WRONG is a pitfall, and nobody runs it. */
internal fun examplesIn(kdoc: String): List<String> =
    blocksIn(kdoc).map { withoutWrong(it).joinToString("\n").trim() }.filter { it.isNotEmpty() }

/** Without the lines that say `// WRONG`, and if such a line opens a brace, without all up to its end. */
private fun withoutWrong(lines: List<String>): List<String> {
    var open = 0
    return lines.filter { line ->
        val isWrong = open > 0 || "// WRONG" in line
        if (isWrong) {
            open += line.count { it == '{' } - line.count { it == '}' }
        }
        !isWrong
    }
}
