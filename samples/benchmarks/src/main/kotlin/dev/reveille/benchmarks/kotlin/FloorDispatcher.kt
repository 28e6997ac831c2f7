package dev.reveille.benchmarks.kotlin

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Runnable
import java.util.ArrayDeque
import kotlin.coroutines.CoroutineContext

/** The least that a dispatcher of coroutines can do. */
internal class FloorDispatcher : CoroutineDispatcher() {
    private val ready = ArrayDeque<Runnable>()

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        ready.add(block)
    }

    fun run() {
        while (true) {
            val next = ready.poll() ?: return
            next.run()
        }
    }
}
