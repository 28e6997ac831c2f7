package dev.reveille.benchmarks.cross

import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume

/** A coroutine that a foreign thread wakes. It says that it ran when it waits anew. */
internal class SleepingCoroutine(scope: CoroutineScope, private val sender: Sender, private val index: Int) : Sleeper {
    private lateinit var continuation: CancellableContinuation<Unit>
    private var value = 0L

    init {
        scope.launch {
            while (true) {
                suspendCancellableCoroutine {
                    continuation = it
                    sender.ran(index)
                }
                value = compute()
            }
        }
    }

    private fun compute() = when (index % 5) {
        0 -> value + 1
        1 -> value xor 0x55
        2 -> value.rotateLeft(7)
        3 -> -value
        else -> value * 31
    }

    override fun wake() = continuation.resume(Unit)

    companion object {
        @JvmStatic
        fun scope(dispatcher: CoroutineDispatcher): CoroutineScope = CoroutineScope(dispatcher + Job())
    }
}
