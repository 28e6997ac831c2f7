package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Dispatcher
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.sync.Watch
import kotlinx.coroutines.flow.Flow

/**
 * The value and its changes as a flow: first the value that is there when the collection begins, then the newest one each
 * time it has changed, so that a slow collector skips what was in between. It completes when the watch is closed and the
 * last change has been given. What a [StateFlow][kotlinx.coroutines.flow.StateFlow] is, except that a value equal to the one
 * before is given too.
 *
 * ```
 * level.asFlow().collect { newest -> logger.level = newest }
 * ```
 *
 * Each collection subscribes for itself, and its end, however it comes, unsubscribes. There is no buffer; where it runs, what
 * it costs and how it is cancelled are told by [PollStream.asFlow][asFlow].
 *
 * @param on the dispatcher that waits for changes; null for the one of the collecting coroutine.
 * @return a flow that can be collected any number of times; a collection without `on` in a coroutine that is not on the loop
 *   of a dispatcher of ours fails with [IllegalStateException].
 */
public fun <T : Any> Watch<T>.asFlow(on: Dispatcher? = null): Flow<T> = PolledFlow(this, on, null) { WatchSource(this) }

private class WatchSource<T : Any>(watch: Watch<T>) : Pollable<T?> {
    private val receiver = watch.subscribe()

    private var isFirst = true

    override fun poll(cx: Context): Poll<T?> {
        if (isFirst) {
            isFirst = false
            return Poll.ready(receiver.get())
        }
        return receiver.pollChanged(cx)
    }

    override fun cancel(): Unit = receiver.close()

    override fun toString(): String = receiver.toString()
}
