package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.sync.AbstractPollStream
import dev.reveille.sync.PollStream
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.receiveAsFlow
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * The elements of this Kotlin channel as a stream, which becomes its consumer.
 *
 * **When ready:** with an element, or at its end when the channel was closed and all that was in it has been received.
 * **When pending:** while the channel is empty, or other receivers wait before this one, and when the budget is spent.
 * **Who wakes it:** whoever sends or closes, from any thread. **What it throws:** the cause that the channel was closed
 * with, the [CancellationException] that it was cancelled with. **What `cancel` does:** it
 * [cancels][ReceiveChannel.cancel] the channel, and what is in it goes to its `onUndeliveredElement`; the same at any
 * other end of the stream. To leave the channel to others, use `receiveAsFlow().asPollStream()`.
 *
 * An element is received when it is asked for, and none ahead. One that is there is taken straight from the channel and
 * costs neither a hop nor a suspension; a coroutine takes part only where the stream has to wait.
 *
 * ```
 * val orders = Channel<String>(capacity = 16)
 * dispatcher.spawn("kitchen", orders.asPollStream().forEach { order -> cook(order) })
 * ```
 *
 * To have them in a channel of ours: `asPollStream().sendTo(sender)`, which takes an element only when there is a place.
 *
 * **Threading.** The stream belongs to one loop; the channel is used by any thread. **Memory effects.** Actions before an
 * element is sent happen-before the poll that gives it.
 *
 * @param context what the waiting coroutine's context has beside its dispatcher, as in [Flow.asPollStream][asPollStream]. A
 *   [Job][kotlinx.coroutines.Job] in it becomes the parent: its cancellation fails the stream.
 * @return a stream that owns the channel.
 */
public fun <T : Any> ReceiveChannel<T>.asPollStream(context: CoroutineContext = EmptyCoroutineContext): PollStream<T> =
    ReceiveChannelStream(this, context)

/**
 * Takes what is there with `tryReceive`, as long as the coroutine that waits for the rest does not wait itself: it would
 * have been first.
 */
private class ReceiveChannelStream<T : Any>(
    private val channel: ReceiveChannel<T>,
    private val context: CoroutineContext,
) : AbstractPollStream<T>(context[CoroutineName]?.name ?: "receive from a Kotlin channel") {
    private val rest = FlowStream(channel.receiveAsFlow(), CoroutineName(name()) + context)

    override fun doPollNext(cx: Context): Poll<T?> {
        if (rest.isAtRest) {
            context.ensureActive()
            if (!cx.tryProceed()) {
                return Poll.pending()
            }
            val element = channel.tryReceive().getOrNull()
            if (element != null) {
                return element(element)
            }
        }
        return rest.pollNext(cx) // waits, or finds out how the channel has ended
    }

    override fun release() {
        rest.cancel()
        channel.cancel(CancellationException("stream '${name()}' of the channel has ended"))
    }
}
