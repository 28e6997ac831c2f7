package dev.reveille.samples.resp.suspending

import dev.reveille.kotlin.await
import dev.reveille.samples.resp.server.Durability
import dev.reveille.samples.resp.store.Keyspace
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.yield

/**
 * Removes keys whose time has come, also those that nobody asks for. Sleeps while no key has a deadline:
 * an idle server has no tick.
 */
internal class Expiry(private val keyspace: Keyspace, private val durability: Durability) {
    private val stirred = Channel<Unit>(Channel.CONFLATED)
    private var resting = false

    /** The keyspace changed, and may have a deadline now. Most changes bring none, and wake nobody. */
    fun changed() {
        if (resting && keyspace.nextDue() != Keyspace.NEVER) {
            stirred.trySend(Unit)
        }
    }

    /** Goes on until it is cancelled. */
    suspend fun run(): Nothing {
        while (true) {
            keyspace.advance()
            keyspace.expireDue(AT_ONCE)
            durability.commit().await()
            val due = keyspace.nextDue()
            val now = keyspace.now()
            when {
                due == Keyspace.NEVER -> rest()

                due <= now -> yield()

                // more are due: let others run in between
                else -> delay((due - now).coerceIn(AT_LEAST_MILLIS, AT_MOST_MILLIS))
            }
        }
    }

    private suspend fun rest() {
        resting = true
        try {
            stirred.receive()
        } finally {
            resting = false
        }
    }

    private companion object {
        const val AT_ONCE = 200

        /** Like Redis, which looks ten times a second: deadlines close to each other cost one look. */
        const val AT_LEAST_MILLIS = 10L

        /** A key with a nearer deadline may come meanwhile, and the wall clock may be set. */
        const val AT_MOST_MILLIS = 100L
    }
}
