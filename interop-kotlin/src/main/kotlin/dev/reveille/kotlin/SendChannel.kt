package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Operation
import dev.reveille.Poll
import dev.reveille.Pollable
import kotlinx.coroutines.channels.SendChannel
import kotlin.coroutines.EmptyCoroutineContext

/**
 * Sends a value into this Kotlin channel, from a task.
 *
 * **When ready:** when the value is in the channel; in a rendezvous when a receiver took it. **When pending:** while there
 * is no place for it or other senders wait before it, and when the budget is spent. **Who wakes it:** whoever receives,
 * closes or cancels, from any thread. **What it throws:** what `send` throws:
 * [ClosedSendChannelException][kotlinx.coroutines.channels.ClosedSendChannelException] or the cause that the channel was
 * closed with, or the [CancellationException][kotlinx.coroutines.CancellationException] that it was cancelled with. **What
 * `cancel` does:** it gives up; the value is not sent, unless it went before. As any value whose `send` is cancelled, one
 * that waited then goes to the `onUndeliveredElement` of the channel.
 *
 * If there is a place nothing but the channel is involved; else a coroutine waits, on the loop that polls.
 *
 * ```
 * val report: Pollable<Unit> = results.pollableSend("42")
 * dispatcher.spawn("report", report)
 * ```
 *
 * **Threading.** As every operation, on one loop only. **Memory effects.** Actions before the value is sent happen-before
 * what follows its receive.
 *
 * @param value the value.
 * @return a one-shot operation.
 */
public fun <T> SendChannel<T>.pollableSend(value: T): Pollable<Unit> = SendOperation(this, value)

private class SendOperation<T>(private val channel: SendChannel<T>, private val value: T) :
    Operation<Unit>("send to a Kotlin channel") {
    /** What waits, if there was no place at once. */
    private var sending: PolledCoroutine<Unit>? = null

    override fun doPoll(cx: Context): Poll<Unit> {
        sending?.let { return it.poll(cx) }
        if (!cx.tryProceed()) {
            return Poll.pending()
        }
        if (channel.trySend(value).isSuccess) {
            return Poll.ready(Unit)
        }
        // Full or closed: in both cases send() knows what to do.
        val waiting = PolledCoroutine(name(), Rootless, EmptyCoroutineContext) { channel.send(value) }
        sending = waiting
        return waiting.poll(cx)
    }

    override fun doCancel() {
        sending?.giveUp()
    }
}
