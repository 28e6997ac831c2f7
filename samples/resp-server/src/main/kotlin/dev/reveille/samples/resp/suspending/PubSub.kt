package dev.reveille.samples.resp.suspending

import dev.reveille.samples.resp.protocol.ReplyBuffer
import dev.reveille.samples.resp.server.Client
import dev.reveille.samples.resp.store.Key
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch

/**
 * PUBLISH, SUBSCRIBE, UNSUBSCRIBE: each subscriber has a channel, and a coroutine that relays what comes
 * out of it to the connection.
 *
 * A publisher never waits for a subscriber; a subscriber that does not read is disconnected by its
 * connection when too much waits for it. On the loop only.
 */
internal class PubSub(private val scope: CoroutineScope) {
    private class Message(val channel: Key, val payload: ByteArray)

    private class Subscriber(val client: Client) {
        val channels = LinkedHashSet<Key>()

        /** Without a bound: what waits too long for the client is counted in the client's buffer. */
        val inbox = Channel<Message>(Channel.UNLIMITED)
    }

    private val subscribers = HashMap<Client, Subscriber>()

    /** Who listens to a channel, in the order of subscription. No channel without a subscriber. */
    private val listeners = HashMap<Key, LinkedHashSet<Subscriber>>()

    /** Sends a message to all who listen; returns how many that are. */
    suspend fun publish(channel: Key, payload: ByteArray): Int {
        val receivers = listeners[channel]?.toList() ?: return 0
        val message = Message(channel, payload)
        for (receiver in receivers) {
            receiver.inbox.send(message)
        }
        return receivers.size
    }

    fun subscribe(client: Client, channel: Key) {
        val subscriber = subscribers.getOrPut(client) { Subscriber(client).also(::relay) }
        if (subscriber.channels.add(channel)) {
            listeners.getOrPut(channel) { LinkedHashSet() } += subscriber
        }
        confirm(client, "subscribe", channel, subscriber.channels.size)
    }

    /** Ends the subscriptions to [channels], or all of them if there are none given. */
    fun unsubscribe(client: Client, channels: List<Key>) {
        val subscriber = subscribers[client]
        val ending = channels.ifEmpty { subscriber?.channels?.toList().orEmpty() }
        if (ending.isEmpty()) {
            confirm(client, "unsubscribe", null, 0)
        }
        for (channel in ending) {
            if (subscriber != null) {
                forget(subscriber, channel)
            }
            confirm(client, "unsubscribe", channel, subscriber?.channels?.size ?: 0)
        }
        if (subscriber != null && subscriber.channels.isEmpty()) {
            subscribers -= client
            subscriber.inbox.close()
        }
    }

    /** The client is gone: nothing is relayed to it any more. */
    fun disconnected(client: Client) {
        val subscriber = subscribers.remove(client) ?: return
        for (channel in subscriber.channels.toList()) {
            forget(subscriber, channel)
        }
        subscriber.inbox.cancel()
    }

    private fun relay(subscriber: Subscriber) {
        scope.launch {
            for (message in subscriber.inbox) {
                push(subscriber.client.replies(), message)
                subscriber.client.wake()
            }
        }
    }

    private fun push(replies: ReplyBuffer, message: Message) {
        replies
            .array(PUSH_PARTS)
            .bulk("message")
            .bulk(message.channel.bytes())
            .bulk(message.payload)
    }

    private fun confirm(client: Client, what: String, channel: Key?, count: Int) {
        val replies = client.replies().array(PUSH_PARTS).bulk(what)
        if (channel == null) replies.nullBulk() else replies.bulk(channel.bytes())
        replies.integer(count.toLong())
        client.session().subscriptions(count)
    }

    private fun forget(subscriber: Subscriber, channel: Key) {
        if (!subscriber.channels.remove(channel)) {
            return
        }
        val line = listeners.getValue(channel)
        line -= subscriber
        if (line.isEmpty()) {
            listeners -= channel
        }
    }

    private companion object {
        const val PUSH_PARTS = 3
    }
}
