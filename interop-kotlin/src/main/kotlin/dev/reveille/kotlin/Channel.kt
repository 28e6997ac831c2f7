package dev.reveille.kotlin

import dev.reveille.Complete
import dev.reveille.Context
import dev.reveille.Dispatcher
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.sync.Channel
import dev.reveille.sync.ChannelClosedException
import dev.reveille.sync.Send
import dev.reveille.sync.TrySendResult
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.isActive

/**
 * Sends a value into this channel without an end of it: as [Sender.awaitSend][awaitSend], which tells all.
 *
 * ```
 * jobs.awaitSend("sweep") // waits while the channel is full
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully.
 *
 * @param value the value.
 * @param on the dispatcher on which the send waits; null for the one of the calling coroutine.
 * @param onUndelivered gets the value if this call was cancelled and the value did not go.
 * @throws ChannelClosedException with the value, if the channel is closed before the value went.
 * @throws IllegalStateException if `on` is null and the caller is not on the loop of its coroutine's dispatcher.
 * @throws java.util.concurrent.RejectedExecutionException if the dispatcher does not take the task: it is closed.
 */
public suspend fun <T : Any> Channel<T>.awaitSend(
    value: T,
    on: Dispatcher? = null,
    onUndelivered: ((T) -> Unit)? = null,
): Unit = awaitSend(value, on, onUndelivered, { trySend(value) }, { send(value) })

/**
 * Receives the next value of this channel without an end of it: as [Receiver.awaitReceive][awaitReceive], which tells all.
 *
 * ```
 * while (true) {
 *     val job = jobs.awaitReceive() ?: break // the channel is closed and empty
 *     done += job
 * }
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully.
 *
 * @param on the dispatcher on which the receive waits; null for the one of the calling coroutine.
 * @param onUndelivered as of [Receiver.awaitReceive][awaitReceive].
 * @return the value, or null if the channel is closed and nothing is left to take.
 * @throws IllegalStateException if `on` is null and the caller is not on the loop of its coroutine's dispatcher.
 * @throws java.util.concurrent.RejectedExecutionException if the dispatcher does not take the task: it is closed.
 */
public suspend fun <T : Any> Channel<T>.awaitReceive(
    on: Dispatcher? = null,
    onUndelivered: ((T) -> Unit)? = null,
): T? = awaitReceive(on, onUndelivered, { tryReceive() }, { receive() })

/**
 * For the loop over the values of this channel, until it is closed and empty: as that of a
 * [Receiver][dev.reveille.sync.Receiver].
 *
 * ```
 * for (job in jobs) {
 *     done += job
 * }
 * ```
 *
 * @return a new iterator, for one coroutine of a dispatcher of ours.
 */
public operator fun <T : Any> Channel<T>.iterator(): ValueIterator<T> = ValueIterator { awaitReceive() }

/**
 * Goes over the values of a channel as they come: what a `for` loop over a
 * [Receiver][dev.reveille.sync.Receiver] or [Channel] uses.
 *
 * ```
 * val values = receiver.iterator()
 * val header = if (values.hasNext()) values.next() else "nothing"
 * ```
 *
 * **Threading.** For one coroutine. Several that share the work of one channel have an iterator each.
 *
 * @param T the type of the values.
 */
public class ValueIterator<T : Any> internal constructor(private val receive: suspend () -> T?) {
    private var next: T? = null

    /**
     * Receives the next value, if there is none that [next] has yet to return, and waits for it.
     *
     * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
     * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
     * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
     * resume successfully. What it waited for goes to the next who waits; only a value that it received in the very moment
     * of a cancellation by another thread is dropped.
     *
     * @return false if the channel is closed and nothing is left to take.
     * @throws IllegalStateException if the caller is not on the loop of its coroutine's dispatcher, or the receiver is
     *   closed.
     */
    public suspend operator fun hasNext(): Boolean {
        if (next == null) {
            next = receive()
        }
        return next != null
    }

    /**
     * The value that [hasNext] has received.
     *
     * @throws NoSuchElementException if it did not return true before.
     */
    public operator fun next(): T {
        val value = next ?: throw NoSuchElementException("next() without a hasNext() that returned true before it")
        next = null
        return value
    }
}

// ------------------------------------------------------------------ for the ends as well

/** [attempt] is for coroutines of other loops and threads: what needs no waiting needs no hop. */
internal suspend inline fun <T : Any> awaitSend(
    value: T,
    on: Dispatcher?,
    noinline onUndelivered: ((T) -> Unit)?,
    attempt: () -> TrySendResult,
    operation: () -> Send<T>,
) {
    val context = currentCoroutineContext()
    if (!context.isActive) { // also after the close of the loop, on some other thread
        onUndelivered?.invoke(value)
        context.ensureActive()
    }
    if (on != null && !on.onLoop() && attempt() == TrySendResult.SENT) {
        return
    }
    ReturningSend(operation(), onUndelivered).consumeOn("awaitSend", on, null)
}

/** As [awaitSend]. */
internal suspend inline fun <T : Any> awaitReceive(
    on: Dispatcher?,
    noinline onUndelivered: ((T) -> Unit)?,
    attempt: () -> T?,
    operation: () -> Pollable<T?>,
): T? {
    if (on != null && !on.onLoop()) {
        currentCoroutineContext().ensureActive()
        attempt()?.let { return it }
    }
    val undelivered = onUndelivered?.let { handler -> { lost: T? -> if (lost != null) handler(lost) } }
    return operation().consumeOn("awaitReceive", on, undelivered)
}

/** A send that gives its value back when it is cancelled. */
internal class ReturningSend<T : Any>(private val send: Send<T>, private val onUndelivered: ((T) -> Unit)?) :
    Pollable<Complete> {
    override fun poll(cx: Context): Poll<Complete> = send.poll(cx)

    override fun cancel() {
        if (send.isFinished) {
            return
        }
        send.cancel()
        if (!send.isSent) { // a receiver may have taken it before we looked
            onUndelivered?.invoke(send.value())
        }
    }

    override fun toString(): String = send.toString()
}
