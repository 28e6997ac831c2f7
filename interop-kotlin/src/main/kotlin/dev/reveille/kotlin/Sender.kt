@file:OptIn(ExperimentalCoroutinesApi::class, DelicateCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.Dispatcher
import dev.reveille.sync.ChannelClosedException
import dev.reveille.sync.Sender
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ClosedSendChannelException
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.launch
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * Sends a value, and waits while there is no place for it or others wait before it; in a rendezvous until a receiver takes
 * it. Nothing stands between the coroutine and the channel: no hop, no buffer. The one that does not wait is
 * [Sender.trySend].
 *
 * ```
 * sender.use {
 *     for (i in 1..3) {
 *         it.awaitSend("report $i")
 *     }
 * }
 * ```
 *
 * With `on`, for coroutines of any dispatcher, a value for which there is a place goes at once; else the send waits on that
 * loop and comes back through the coroutine's own dispatcher.
 *
 * Several coroutines may wait with one sender; they are served in the order in which they came.
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully. A value may have gone nevertheless, if a receiver took it before the cancellation: [onUndelivered]
 * tells.
 *
 * **Memory effects.** Actions before this call happen-before what follows the receive of the value.
 *
 * @param value the value.
 * @param on the dispatcher on which the send waits; null for the one of the calling coroutine.
 * @param onUndelivered gets the value if this call was cancelled, also by the close of the dispatcher, and the value did not
 *   go; called at most once, on the loop or, if nothing was tried, by the caller. It must not block or throw. If anything
 *   else is thrown the value did not go either, and is still the caller's.
 * @throws ChannelClosedException with the value, if the channel is closed before the value went.
 * @throws IllegalStateException if this sender is closed; if `on` is null and the caller is not on the loop of its
 *   coroutine's dispatcher.
 * @throws java.util.concurrent.RejectedExecutionException if the dispatcher does not take the task: it is closed.
 */
public suspend fun <T : Any> Sender<T>.awaitSend(
    value: T,
    on: Dispatcher? = null,
    onUndelivered: ((T) -> Unit)? = null,
): Unit = awaitSend(value, on, onUndelivered, { trySend(value) }, { send(value) })

/**
 * This sender as a Kotlin channel, which it belongs to from then on: for APIs that want a [SendChannel], and for `select`.
 * Where the choice is yours, [awaitSend] does without what follows.
 *
 * A coroutine of [scope] takes one value at a time from that channel, a rendezvous, and sends it here. So a `send` that has
 * returned means that the value is on its way: **one value of look-ahead**, beside the capacity of the channel here; and
 * each takes a turn of the loop.
 *
 * **The end.** `close()` closes this sender behind the values that were sent. A cause given to it can not be carried to the
 * receivers here; it fails the scope, so that it is heard of. When the channel here is closed, the next `send` gets that
 * far and no further: its value goes to [onUndelivered], and all who wait, and later ones, fail with
 * [ClosedSendChannelException], with the [ChannelClosedException] as its cause. The cancellation of the scope closes this
 * sender, and the Kotlin channel with that cause.
 *
 * ```
 * val channel: SendChannel<String> = sender.asSendChannel(scope)
 * legacyProducer(channel)
 * channel.close() // or else the scope does not complete
 * ```
 *
 * **Threading.** Any thread, this call and the channel alike. **Memory effects.** Those of both channels.
 *
 * @param scope whose job is the parent of the coroutine.
 * @param context what is added to the scope's; one of the two has a dispatcher of ours.
 * @param onUndelivered gets each value that was accepted and could not be sent here; called once for each, by the loop or by
 *   the thread that cancelled. It must not block or throw. Without it such values are dropped.
 * @return the channel.
 * @throws IllegalArgumentException if the coroutine would not run on a dispatcher of ours.
 */
public fun <T : Any> Sender<T>.asSendChannel(
    scope: CoroutineScope,
    context: CoroutineContext = EmptyCoroutineContext,
    onUndelivered: ((T) -> Unit)? = null,
): SendChannel<T> {
    val sender = this
    val channel = Channel(Channel.RENDEZVOUS, onUndeliveredElement = onUndelivered)
    // Atomic: the sender is closed also if the scope is cancelled before the start.
    scope.launch(scope.relayContext("asSendChannel()", context, "to $sender"), CoroutineStart.ATOMIC) {
        try {
            for (value in channel) {
                sender.sendOrReport(value, onUndelivered)
            }
        } catch (closed: ChannelClosedException) {
            val message = "the channel that this one sends to was closed: ${closed.message}"
            channel.close(ClosedSendChannelException(message).initCause(closed))
        } catch (failure: Throwable) {
            channel.close(failure)
            throw failure
        } finally {
            // The senders that wait still, with the cause above. The argument is written out, as is that of each close():
            // kotlinx.coroutines 1.9 has the bridge for the default elsewhere than 1.11.
            channel.cancel(null)
            sender.close()
        }
    }
    return channel
}

/** A value that was accepted from another channel is in nobody's hands when the send fails. */
private suspend fun <T : Any> Sender<T>.sendOrReport(value: T, onUndelivered: ((T) -> Unit)?) {
    try {
        awaitSend(value, null, onUndelivered)
    } catch (cancelled: CancellationException) { // awaitSend has reported it
        throw cancelled
    } catch (failure: Throwable) { // thrown on: the channel or this end of it is closed
        onUndelivered?.invoke(value)
        throw failure
    }
}

/** The context of a coroutine between two channels, checked: it polls. */
internal fun CoroutineScope.relayContext(call: String, context: CoroutineContext, what: String): CoroutineContext {
    val interceptor = (coroutineContext + context)[ContinuationInterceptor]
    require(interceptor is ReveilleDispatcher) {
        "$call polls on a loop, and the scope's coroutines run on $interceptor; " +
            "pass context = dispatcher.asCoroutineDispatcher()"
    }
    return CoroutineName(what) + context
}
