package dev.reveille.samples.resp.suspending

import dev.reveille.samples.resp.command.BlockingPop
import dev.reveille.samples.resp.command.CommandExecutor
import dev.reveille.samples.resp.protocol.ReplyBuffer
import dev.reveille.samples.resp.store.Key
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.withTimeoutOrNull

/**
 * BLPOP and BRPOP: clients that wait for a list to get an element, first come, first served.
 *
 * On the loop only, which is why nothing here is synchronized and nothing can happen between two lines
 * that do not suspend.
 */
internal class BlockingPops(private val executor: CommandExecutor) {
    private class Waiter(val pop: BlockingPop, val replies: ReplyBuffer) {
        val served = CompletableDeferred<Unit>()
    }

    /** Who waits for a key, in the order of arrival. No key without a waiter. */
    private val waiting = HashMap<Key, LinkedHashSet<Waiter>>()

    /** Lists that got elements since [serveGrown] was last called. */
    private val grown = LinkedHashSet<Key>()

    /** Replies with a key and its element, or with a null array when the time is over. */
    suspend fun pop(pop: BlockingPop, replies: ReplyBuffer) {
        if (executor.popNow(pop, replies)) {
            return
        }
        val waiter = Waiter(pop, replies)
        enqueue(waiter)
        try {
            if (pop.timeoutMillis == FOREVER) {
                waiter.served.await()
            } else {
                withTimeoutOrNull(pop.timeoutMillis) { waiter.served.await() }
            }
        } finally {
            remove(waiter)
        }
        // The element can come in the very moment in which the time is over: then it counts.
        if (!waiter.served.isCompleted) {
            replies.nullArray()
        }
    }

    /** A list got elements; called within a command, so it is only noted. */
    fun listGrew(key: Key) {
        if (waiting.containsKey(key)) {
            grown += key
        }
    }

    /** Hands out what commands have pushed, right after the command, before anybody else can take it. */
    fun serveGrown() {
        while (grown.isNotEmpty()) {
            val key = grown.first()
            grown -= key
            serve(key)
        }
    }

    private fun serve(key: Key) {
        while (true) {
            val waiter = waiting[key]?.first() ?: return
            if (!executor.popFor(key, waiter.pop.end, waiter.replies)) {
                return
            }
            remove(waiter)
            waiter.served.complete(Unit)
        }
    }

    private fun enqueue(waiter: Waiter) {
        for (key in waiter.pop.keys) {
            waiting.getOrPut(key) { LinkedHashSet() } += waiter
        }
    }

    private fun remove(waiter: Waiter) {
        for (key in waiter.pop.keys) {
            val line = waiting[key] ?: continue
            line -= waiter
            if (line.isEmpty()) {
                waiting -= key
            }
        }
    }

    private companion object {
        const val FOREVER = 0L
    }
}
