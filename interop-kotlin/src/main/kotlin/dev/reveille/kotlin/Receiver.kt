@file:OptIn(ExperimentalCoroutinesApi::class, DelicateCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.Dispatcher
import dev.reveille.sync.Receiver
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.launch
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * Receives the next value, and waits while there is none or others wait before this one. Nothing stands between the
 * coroutine and the channel: no hop, no buffer. The one that does not wait is [Receiver.tryReceive].
 *
 * ```
 * val first = receiver.awaitReceive() ?: error("closed before anything was sent")
 * ```
 *
 * With `on`, for coroutines of any dispatcher, a value that is there is taken at once; else the receive waits on that loop
 * and comes back through the coroutine's own dispatcher.
 *
 * Several coroutines may wait with one receiver; they are served in the order in which they came.
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully. A value that was handed over and not looked at goes to the next who waits, or back to the front of
 * the channel.
 *
 * **Memory effects.** Actions before the value was sent happen-before what follows this call.
 *
 * @param on the dispatcher on which the receive waits; null for the one of the calling coroutine.
 * @param onUndelivered gets the value that this call took from the channel and could not return, because the coroutine was
 *   cancelled at that moment by another thread, or on the way from `on`; called at most once, by the loop or by the thread
 *   that cancelled. It must not block or throw. Without it the value is dropped: pass it where a value is a resource.
 * @return the value, or null if the channel is closed and nothing is left to take.
 * @throws IllegalStateException if this receiver is closed, or a `pollReceive` of it is pending; if `on` is null and the
 *   caller is not on the loop of its coroutine's dispatcher.
 * @throws java.util.concurrent.RejectedExecutionException if the dispatcher does not take the task: it is closed.
 */
public suspend fun <T : Any> Receiver<T>.awaitReceive(
    on: Dispatcher? = null,
    onUndelivered: ((T) -> Unit)? = null,
): T? = awaitReceive(on, onUndelivered, { tryReceive() }, { receive() })

/**
 * For the loop over the values of this receiver, until the channel is closed and empty, in a coroutine of a dispatcher of
 * ours. Each value is received when the loop asks for it, as by [awaitReceive].
 *
 * ```
 * for (job in receiver) {
 *     done += job
 * }
 * ```
 *
 * As with a Kotlin channel, a loop that is left early leaves the receiver open; `receiver.use { }` closes it, and
 * `receiver.asStream().asFlow()` is a flow that does, and makes no operation for each value. Several coroutines may
 * share the work of one receiver.
 *
 * @return a new iterator, for one coroutine.
 */
public operator fun <T : Any> Receiver<T>.iterator(): ValueIterator<T> = ValueIterator { awaitReceive() }

/**
 * This receiver as a Kotlin channel, which it belongs to from then on: for APIs that want a [ReceiveChannel], and for
 * `select { onReceive }`. Where the choice is yours, [awaitReceive] and `for (value in receiver)` do without what follows.
 *
 * A coroutine of [scope] receives one value at a time here and sends it into that channel, a rendezvous. So there is **one
 * value of look-ahead**: it has been taken from the channel here before anybody asked for it; and each takes a turn of the
 * loop.
 *
 * **The end.** When the channel here is closed and empty, the Kotlin channel is closed behind the last value. `cancel()` of
 * it ends the coroutine and closes this receiver, a little later, on the loop; the value of look-ahead goes to
 * [onUndelivered], the others stay where they are. A failure of the receive, and the cancellation of the scope, close the
 * Kotlin channel with that cause; a failure also fails the scope.
 *
 * ```
 * val jobs: ReceiveChannel<String> = receiver.asReceiveChannel(scope)
 * select {
 *     jobs.onReceive { job -> done += job }
 *     onTimeout(1_000) { done += "nothing to do" }
 * }
 * jobs.cancel() // or else the scope does not complete before the channel is closed
 * ```
 *
 * **Threading.** Any thread, this call and the channel alike. **Memory effects.** Those of both channels.
 *
 * @param scope whose job is the parent of the coroutine.
 * @param context what is added to the scope's; one of the two has a dispatcher of ours.
 * @param onUndelivered gets the value that was received here and not there; called at most once for each, by the loop or by
 *   the thread that cancelled. It must not block or throw. Without it such a value is dropped.
 * @return the channel.
 * @throws IllegalArgumentException if the coroutine would not run on a dispatcher of ours.
 */
public fun <T : Any> Receiver<T>.asReceiveChannel(
    scope: CoroutineScope,
    context: CoroutineContext = EmptyCoroutineContext,
    onUndelivered: ((T) -> Unit)? = null,
): ReceiveChannel<T> {
    val receiver = this
    val channel = Channel(Channel.RENDEZVOUS, onUndeliveredElement = onUndelivered)
    // Atomic: the receiver is closed also if the scope is cancelled before the start.
    val relay =
        scope.launch(scope.relayContext("asReceiveChannel()", context, "from $receiver"), CoroutineStart.ATOMIC) {
            try {
                while (true) {
                    channel.send(receiver.awaitReceive(null, onUndelivered) ?: break)
                }
                channel.close(null) // written out for kotlinx.coroutines 1.9, see asSendChannel
            } catch (failure: Throwable) {
                channel.close(failure)
                throw failure
            } finally {
                receiver.close()
            }
        }
    channel.invokeOnClose { relay.cancel("the channel was cancelled, or is at its end", it) }
    return channel
}
