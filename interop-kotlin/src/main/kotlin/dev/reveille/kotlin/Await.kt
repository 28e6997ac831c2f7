package dev.reveille.kotlin

import dev.reveille.Dispatcher
import dev.reveille.Pollable
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.isActive
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.resumeWithException

/**
 * Waits for this pollable, in a coroutine of the dispatcher that polls it.
 *
 * The first poll is made at once, inside this call, and if it is ready the coroutine does not suspend. Later polls
 * follow wakes, as those of any task, and the coroutine goes on within the poll that was ready: the resumption costs no
 * second way through the queue. In the main flow of a coroutine task ([pollable], [coroutineTask]) the polls are those of
 * that task; elsewhere they are made by a task of their own, which has the name of the coroutine. Either way a waiting
 * coroutine counts as work of the dispatcher and is in its snapshot, with the reason that the pollable gave.
 *
 * Each attempt spends one unit of the budget that the loop gives a turn, so a loop over pollables that are always ready
 * lets others run.
 *
 * ```
 * CoroutineScope(dispatcher.asCoroutineDispatcher()).launch {
 *     val request = connection.read(buffer).await()
 *     connection.write(reply(request)).await()
 * }
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully. Cancellation stops the polling and drops the waker. It leaves the pollable alone, so that another
 * may go on polling it; see [consume]. Nothing is polled for a coroutine that is cancelled already; a value that was
 * ready in the very moment of a cancellation by another thread goes to [onUndelivered].
 *
 * **Pitfall: not every cancellation is ours.** A pollable may fail with a `CancellationException` of its own, a `join()`
 * of a cancelled task for one. `currentCoroutineContext().ensureActive()` tells them apart.
 *
 * @param onUndelivered gets the value that this call took from the pollable and could not return, because the coroutine
 *   was cancelled at that moment; called at most once, by the loop or by the thread that cancelled. It must not block or
 *   throw. Without it the value is dropped: pass it where a value is a resource.
 * @return the value.
 * @throws IllegalStateException if the caller is not on the loop of its coroutine's dispatcher, or has none of ours: use
 *   `await(on = dispatcher)`. Also if the pollable returned Pending without having asked for a waker.
 * @throws java.util.concurrent.RejectedExecutionException if the dispatcher is closed and the coroutine can not be
 *   cancelled.
 * @throws Exception the failure of the pollable.
 */
public suspend fun <T> Pollable<T>.await(onUndelivered: ((T) -> Unit)? = null): T =
    awaitHere("await", this, false, onUndelivered)

/**
 * Waits for this pollable, polled on a given dispatcher, in a coroutine of any dispatcher.
 *
 * On the loop of [on] this is the same as [await] without it. Elsewhere the pollable is polled by a task on that loop, and
 * the coroutine is resumed through its own dispatcher.
 *
 * ```
 * withContext(Dispatchers.IO) {
 *     val line = connection.readLine().await(on = dispatcher)
 *     file.appendText(line)
 * }
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully. Cancellation stops the polling, on the loop and therefore perhaps a little later, and leaves the
 * pollable alone.
 *
 * **Memory effects.** What the poll did happens-before what follows this call.
 *
 * @param on the dispatcher that polls; it becomes the owner of the pollable meanwhile.
 * @param onUndelivered as in [await]; here the value may also be lost on its way to the coroutine's own dispatcher.
 * @return the value.
 * @throws java.util.concurrent.RejectedExecutionException if the dispatcher does not take the task: it is closed, or
 *   shutting down.
 * @throws IllegalStateException if the pollable returned Pending without having asked for a waker.
 * @throws Exception the failure of the pollable.
 */
public suspend fun <T> Pollable<T>.await(on: Dispatcher, onUndelivered: ((T) -> Unit)? = null): T =
    awaitOn(on, this, false, onUndelivered)

/**
 * Waits for this pollable and owns it: as [await], but a cancellation of the coroutine also cancels the pollable, on the
 * loop, and so releases what it holds. Also when the coroutine was cancelled before.
 *
 * ```
 * // If this coroutine is cancelled, the attempt is given up and not left to itself.
 * val connection = network.connect(address).consume()
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully.
 *
 * @param onUndelivered as in [await].
 * @return the value.
 * @throws IllegalStateException as [await].
 * @throws java.util.concurrent.RejectedExecutionException as [await]; the pollable is left as it is.
 * @throws Exception the failure of the pollable.
 */
public suspend fun <T> Pollable<T>.consume(onUndelivered: ((T) -> Unit)? = null): T =
    awaitHere("consume", this, true, onUndelivered)

/**
 * [consume], polled on a given dispatcher, in a coroutine of any dispatcher: see `await(on = dispatcher)`.
 *
 * ```
 * withContext(Dispatchers.IO) {
 *     val connection = network.connect(address).consume(on = dispatcher)
 *     file.appendText(connection.readLine().consume(on = dispatcher))
 * }
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully. Cancellation cancels the pollable, on the loop and therefore perhaps a little later.
 *
 * @param on the dispatcher that polls and owns the pollable.
 * @param onUndelivered as in `await(on = dispatcher)`.
 * @return the value.
 * @throws java.util.concurrent.RejectedExecutionException if the dispatcher does not take the task; the pollable is left
 *   as it is.
 * @throws IllegalStateException if the pollable returned Pending without having asked for a waker.
 * @throws Exception the failure of the pollable.
 */
public suspend fun <T> Pollable<T>.consume(on: Dispatcher, onUndelivered: ((T) -> Unit)? = null): T =
    awaitOn(on, this, true, onUndelivered)

// The parts of a Taking travel one by one until the coroutine has to wait: if it has not to, nothing is allocated.

/** @param call what the user has called, for messages. */
internal suspend fun <T> awaitHere(
    call: String,
    pollable: Pollable<T>,
    owned: Boolean,
    onUndelivered: ((T) -> Unit)?,
): T {
    val context = currentCoroutineContext()
    val interceptor = context[ContinuationInterceptor]
    if (interceptor is ReveilleDispatcher && interceptor.dispatcher.onLoop()) {
        return awaitOnLoop(interceptor, pollable, owned, onUndelivered)
    }
    if (!context.isActive) { // the loop may be closed and this a `finally`, on some other thread
        if (owned && interceptor is ReveilleDispatcher) {
            interceptor.coroutines.giveUpLater(pollable)
        }
        context.ensureActive()
    }
    throw IllegalStateException(
        "$call() of $pollable belongs on the loop of the coroutine's dispatcher; it was called in a " +
            "coroutine on $interceptor, by thread '${Thread.currentThread().name}'; use $call(on = dispatcher)",
    )
}

private suspend fun <T> awaitOn(
    on: Dispatcher,
    pollable: Pollable<T>,
    owned: Boolean,
    onUndelivered: ((T) -> Unit)?,
): T {
    val interceptor = currentCoroutineContext()[ContinuationInterceptor]
    if (interceptor is ReveilleDispatcher && interceptor.dispatcher === on && on.onLoop()) {
        return awaitOnLoop(interceptor, pollable, owned, onUndelivered)
    }
    return awaitByTask(LoopCoroutines.of(on), Taking(pollable, owned, onUndelivered))
}

private suspend fun <T> awaitOnLoop(
    interceptor: ReveilleDispatcher,
    pollable: Pollable<T>,
    owned: Boolean,
    onUndelivered: ((T) -> Unit)?,
): T {
    val context = currentCoroutineContext()
    if (!context.isActive) {
        if (owned) {
            pollable.cancel()
        }
        context.ensureActive()
    }
    if (interceptor is TaskDispatcher && interceptor.isPolling) {
        val poll = interceptor.attempt(pollable)
        return if (poll?.isReady == true) {
            context.delivered(poll.value(), onUndelivered)
        } else {
            interceptor.await(Taking(pollable, owned, onUndelivered))
        }
    }
    val coroutines = interceptor.coroutines
    val task = coroutines.awaitTask<T>(AwaitTask.nameIn(context))
    val poll = task.attempt(pollable)
    if (poll != null || !task.hasBegun) {
        coroutines.recycle(task)
    }
    return when {
        poll != null -> context.delivered(poll.value(), onUndelivered)
        task.hasBegun -> awaitAttempted(task, Taking(pollable, owned, onUndelivered))
        else -> awaitByTask(coroutines, Taking(pollable, owned, onUndelivered))
    }
}

/** What a first poll gave, unless another thread has cancelled the coroutine in the middle of it. */
private fun <T> CoroutineContext.delivered(value: T, onUndelivered: ((T) -> Unit)?): T {
    if (!isActive) {
        onUndelivered?.invoke(value)
        ensureActive()
    }
    return value
}

private suspend fun <T> awaitAttempted(task: AwaitTask<T>, taking: Taking<T>): T =
    suspendCancellableCoroutine { continuation ->
        task.suspended(continuation, taking)
        continuation.invokeOnCancellation(task) // if the coroutine is cancelled by now, it is so at once
    }

private suspend fun <T> awaitByTask(coroutines: LoopCoroutines, taking: Taking<T>): T =
    suspendCancellableCoroutine { coroutines.await(it, taking) }

/** Begins to poll for [continuation] in a task of its own. Any thread. */
internal fun <T> LoopCoroutines.await(continuation: CancellableContinuation<T>, taking: Taking<T>) {
    val task = AwaitTask<T>(this, AwaitTask.nameIn(continuation.context))
    task.suspended(continuation, taking)
    val hasEnded =
        try {
            begin(task)
        } catch (rejected: RejectedExecutionException) {
            continuation.resumeWithException(rejected)
            if (continuation.isCancelled) { // before that: the caller hears of a cancellation, and not of this
                taking.giveUpLater(this)
            }
            return
        }
    if (!hasEnded) {
        // After the start, so that there is something to cancel; if the coroutine is cancelled by now, it is so at once.
        continuation.invokeOnCancellation(task)
    }
}

/** Cancels what is owned, on the loop; if that is closed, where its coroutines go then. Any thread. */
internal fun LoopCoroutines.giveUpLater(owned: Pollable<*>): Unit =
    enqueue(EmptyCoroutineContext, Runnable { owned.cancel() })

/** A pollable for whose end a scope waits, also when nobody polls it. */
internal interface ChildOfScope {
    /** An await that polled it was cancelled. On the loop. */
    fun leave()
}

/** What an await takes its value from, and what becomes of a value that comes too late. */
internal class Taking<T>(
    val pollable: Pollable<T>,
    private val owned: Boolean,
    private val onUndelivered: ((T) -> Unit)?,
) {
    /** The coroutine has gone. On the loop. */
    fun giveUp() {
        if (owned) {
            pollable.cancel()
        } else if (pollable is ChildOfScope) {
            pollable.leave()
        }
    }

    /** [giveUp] by any thread. */
    fun giveUpLater(coroutines: LoopCoroutines) {
        if (owned) {
            coroutines.giveUpLater(pollable)
        }
    }

    fun undelivered(value: T) {
        onUndelivered?.invoke(value)
    }
}
