package dev.reveille.benchmarks.hop

import dev.reveille.benchmarks.loop.Turnstile
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import java.util.concurrent.Executor
import kotlin.concurrent.thread

/** Coroutines that yield, in five suspend functions, as the tasks of the others are in five classes. */
internal object CoroutineHops {
    /** On the loop of `runBlocking`, in a thread of its own. */
    @JvmStatic
    fun inRunBlocking(tasks: Int, turnstile: Turnstile): Thread = thread {
        runBlocking { start(tasks, turnstile) }
    }

    /** On an executor. */
    @JvmStatic
    fun on(executor: Executor, tasks: Int, turnstile: Turnstile) {
        val scope = CoroutineScope(executor.asCoroutineDispatcher())
        scope.launch { scope.start(tasks, turnstile) }
    }

    private fun CoroutineScope.start(tasks: Int, turnstile: Turnstile) {
        repeat(tasks) { launch { hop(it, turnstile, tasks == 1) } }
    }

    /** One that is alone changes its kind at the end of each run. */
    private suspend fun hop(first: Int, turnstile: Turnstile, alone: Boolean) {
        var kind = first % 5
        while (
            when (kind) {
                0 -> add(turnstile, alone)
                1 -> xor(turnstile, alone)
                2 -> shift(turnstile, alone)
                3 -> negate(turnstile, alone)
                else -> multiply(turnstile, alone)
            }
        ) {
            kind = (kind + 1) % 5
        }
    }

    private suspend fun add(turnstile: Turnstile, alone: Boolean): Boolean {
        var value = 0L
        while (true) {
            value += 1
            if (!turnstile.pass()) {
                if (!turnstile.awaitMore()) return false
                if (alone) return value != Long.MIN_VALUE
            }
            yield()
        }
    }

    private suspend fun xor(turnstile: Turnstile, alone: Boolean): Boolean {
        var value = 0L
        while (true) {
            value = value xor 0x55
            if (!turnstile.pass()) {
                if (!turnstile.awaitMore()) return false
                if (alone) return value != Long.MIN_VALUE
            }
            yield()
        }
    }

    private suspend fun shift(turnstile: Turnstile, alone: Boolean): Boolean {
        var value = 1L
        while (true) {
            value = value.rotateLeft(7)
            if (!turnstile.pass()) {
                if (!turnstile.awaitMore()) return false
                if (alone) return value != 0L
            }
            yield()
        }
    }

    private suspend fun negate(turnstile: Turnstile, alone: Boolean): Boolean {
        var value = 1L
        while (true) {
            value = -value
            if (!turnstile.pass()) {
                if (!turnstile.awaitMore()) return false
                if (alone) return value != 0L
            }
            yield()
        }
    }

    private suspend fun multiply(turnstile: Turnstile, alone: Boolean): Boolean {
        var value = 1L
        while (true) {
            value *= 31
            if (!turnstile.pass()) {
                if (!turnstile.awaitMore()) return false
                if (alone) return value != 0L
            }
            yield()
        }
    }
}
