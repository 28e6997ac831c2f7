package dev.reveille.kotlin

import dev.reveille.JoinHandle
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.CompletableFuture
import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.resume
import kotlin.coroutines.suspendCoroutine

/**
 * The result of this task as a deferred of kotlinx.coroutines, to be awaited by coroutines of any dispatcher.
 *
 * It completes with the value of the task, or with its failure, which from this call on counts as taken, so that the
 * dispatcher's uncaught handler does not get it. A task that is cancelled, or refused, or ended by the close of its
 * dispatcher, cancels it with a [CancellationException].
 *
 * **Cancelling it cancels the task**, as [JoinHandle.cancel] does, at once and from any thread. Like every coroutine it has
 * ended only when the task has: until then it is cancelling, and [join][Job.join] waits. A value that the task had by then
 * stays with the handle. To stop waiting in an `await()` leaves task and deferred alone, and nothing is detached.
 *
 * ```
 * val report: Deferred<String> = dispatcher.spawn("report", query).asDeferred()
 * withContext(Dispatchers.IO) { file.writeText(report.await()) }
 * ```
 *
 * With a [parent] it is a child of it, as an `async` is: the cancellation of the parent cancels the task, the failure of the
 * task cancels the parent unless that supervises, and the parent waits for the end of the task.
 *
 * May be called by any thread, also after the end of the task. It throws nothing. No thread is used: the deferred completes
 * on the task's loop. **Memory effects.** What the task did happens-before what follows `await()`.
 *
 * @param parent whose child the deferred becomes, or null.
 * @return a new deferred each time.
 */
public fun <T> JoinHandle<T>.asDeferred(parent: Job? = null): Deferred<T> {
    val end = toCompletableFuture()
    // Unconfined: what is resumed is nothing but the code below.
    val context = (parent ?: EmptyCoroutineContext) + CoroutineName(name()) + Dispatchers.Unconfined
    return Rootless.async(context, CoroutineStart.UNDISPATCHED) { awaitEnd(end) }
}

/** Makes a child of [scope] that lives as long as the task: [CoroutineScope.spawn][spawn]. */
internal fun JoinHandle<*>.follow(scope: CoroutineContext) {
    val end = toCompletableFuture()
    val parent = scope[Job] ?: EmptyCoroutineContext
    val handler = scope[CoroutineExceptionHandler] ?: EmptyCoroutineContext
    val context = parent + handler + CoroutineName(name()) + Dispatchers.Unconfined
    Rootless.launch(context, CoroutineStart.UNDISPATCHED) { awaitEnd(end) }
}

/** Cancels the task when it is cancelled, and waits for its end in any case. */
private suspend fun <T> JoinHandle<*>.awaitEnd(end: CompletableFuture<T>): T {
    val result =
        try {
            suspendCancellableCoroutine { continuation ->
                continuation.invokeOnCancellation { cancel() } // in the very thread that cancels
                end.resume(continuation)
            }
        } catch (_: CancellationException) { // this coroutine's: it has that as its outcome, unless the task has failed
            suspendCoroutine { end.resume(it) }
        }
    return result.getOrThrow()
}

private fun <T> CompletableFuture<T>.resume(continuation: Continuation<Result<T>>) {
    whenComplete { value, failure ->
        continuation.resume(if (failure == null) Result.success(value) else Result.failure(failure))
    }
}
