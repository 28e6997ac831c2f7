package dev.reveille.kotlin

import dev.reveille.StopToken
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.launch

/**
 * Runs [block], and cancels it when a stop is requested: what `withTimeout` is to time.
 *
 * The stop of [token] cancels the block with a [CancellationException] that says so; this function throws that when the
 * block and its children have ended. A value that is there first wins. If stop was requested before, the block does not
 * begin. Nothing stays registered on the token afterwards.
 *
 * The coroutines of a task ([coroutineTask], [pollable]) need not ask: they are cancelled with the stop of
 * their task. This is for other tokens, and for other coroutines of the loop.
 *
 * ```
 * val answer =
 *     try {
 *         withStopToken(shutdown.token()) { questions.await() }
 *     } catch (stopped: CancellationException) {
 *         currentCoroutineContext().ensureActive() // it was not this coroutine that was cancelled
 *         "closing"
 *     }
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException]. There is a **prompt cancellation guarantee**: if
 * the job is cancelled while this function is suspended, it does not resume successfully. No code of the block runs in the
 * thread that stops.
 *
 * @param token whose stop ends the block.
 * @param block runs as in `coroutineScope`, in the flow of the caller.
 * @return what [block] returns.
 * @throws CancellationException after the stop.
 * @throws IllegalStateException if the caller is not on the loop of its coroutine's dispatcher, or has none of ours, as
 *   [await].
 */
public suspend fun <T> withStopToken(token: StopToken, block: suspend CoroutineScope.() -> T): T = coroutineScope {
    if (token.isStopped) {
        throw told()
    }
    val scope = this
    val watch =
        launch(start = CoroutineStart.UNDISPATCHED) {
            token.stopped().consume()
            scope.cancel(told())
        }
    try {
        coroutineScope(block) // a scope of its own, since its children are to be waited for before the watch ends
    } finally {
        watch.cancel(null) // not cancel(): the default of the parameter is not binary compatible with coroutines 1.9
    }
}

private suspend fun told(): CancellationException {
    val name = currentCoroutineContext()[CoroutineName]?.name ?: "coroutine"
    return CancellationException("'$name' was told to stop")
}
