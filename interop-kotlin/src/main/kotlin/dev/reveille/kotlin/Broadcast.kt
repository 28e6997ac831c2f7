package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Dispatcher
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.sync.Broadcast
import dev.reveille.sync.LaggedException
import kotlinx.coroutines.flow.Flow

/**
 * The values that are sent from the beginning of the collection on, as a flow, which completes when the broadcast is closed
 * and the last value has been given. What a [SharedFlow][kotlinx.coroutines.flow.SharedFlow] without replay is, except that
 * it ends, and that a slow collector never holds up the sender: it is told how many values it missed.
 *
 * ```
 * news.asFlow(onLagged = { missed -> log += "$missed missed" })
 *     .collect { line -> log += line }
 * ```
 *
 * Each collection subscribes for itself, and its end, however it comes, unsubscribes. There is no buffer beside that of the
 * broadcast; where it runs, what it costs and how it is cancelled are told by [PollStream.asFlow][asFlow].
 *
 * @param on the dispatcher that waits for values; null for the one of the collecting coroutine.
 * @param onLagged called on the loop with the number of values that the collector missed, once for each gap, before the next
 *   value; what it throws fails the collection. Without it the collection fails with [LaggedException].
 * @return a flow that can be collected any number of times; a collection without `on` in a coroutine that is not on the loop
 *   of a dispatcher of ours fails with [IllegalStateException].
 */
public fun <T : Any> Broadcast<T>.asFlow(on: Dispatcher? = null, onLagged: ((missed: Long) -> Unit)? = null): Flow<T> =
    PolledFlow(this, on, null) { BroadcastSource(this, onLagged) }

private class BroadcastSource<T : Any>(broadcast: Broadcast<T>, private val onLagged: ((Long) -> Unit)?) :
    Pollable<T?> {
    private val receiver = broadcast.subscribe()

    override fun poll(cx: Context): Poll<T?> {
        while (true) {
            try {
                return receiver.pollReceive(cx)
            } catch (lagged: LaggedException) {
                val handler = onLagged ?: throw lagged
                handler(lagged.missed())
            }
        }
    }

    override fun cancel(): Unit = receiver.close()

    override fun toString(): String = receiver.toString()
}
