package dev.reveille.benchmarks.bridge

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.asExecutor
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.runBlocking
import java.util.concurrent.Executor
import java.util.function.BiFunction
import java.util.function.Consumer
import kotlin.coroutines.ContinuationInterceptor

/** Coroutines that take what a listener hears, by way of a `callbackFlow` or of a `Channel`. */
internal object CoroutineStreams {
    @JvmStatic
    fun callbackFlows(streams: Int, feed: BiFunction<Int, Executor, LegacyFeed>): Long =
        runBlocking { all(streams, feed, ::flowOf) }

    @JvmStatic
    fun callbackFlows(
        dispatcher: CoroutineDispatcher,
        streams: Int,
        feed: BiFunction<Int, Executor, LegacyFeed>,
    ): Long = runBlocking(dispatcher) { all(streams, feed, ::flowOf) }

    @JvmStatic
    fun channels(streams: Int, feed: BiFunction<Int, Executor, LegacyFeed>): Long =
        runBlocking { all(streams, feed, ::channelOf) }

    @JvmStatic
    fun channels(dispatcher: CoroutineDispatcher, streams: Int, feed: BiFunction<Int, Executor, LegacyFeed>): Long =
        runBlocking(dispatcher) { all(streams, feed, ::channelOf) }

    private suspend fun CoroutineScope.all(
        streams: Int,
        feed: BiFunction<Int, Executor, LegacyFeed>,
        consume: suspend (LegacyFeed, Int) -> Long,
    ): Long {
        val loop = (coroutineContext[ContinuationInterceptor] as CoroutineDispatcher).asExecutor()
        return List(streams) { kind -> async { consume(feed.apply(kind, loop), kind) } }.awaitAll().sum()
    }

    private suspend fun flowOf(feed: LegacyFeed, kind: Int): Long {
        var sum = 0L
        callbackFlow {
            feed.listen(listener(kind, channel)) { channel.close() }
            awaitClose { feed.ignore() }
        }.buffer(Channel.UNLIMITED).collect { sum += it.id }
        return sum
    }

    private suspend fun channelOf(feed: LegacyFeed, kind: Int): Long {
        val channel = Channel<Item>(Channel.UNLIMITED)
        feed.listen(listener(kind, channel)) { channel.close() }
        var sum = 0L
        for (item in channel) {
            sum += item.id
        }
        feed.ignore()
        return sum
    }

    private fun listener(kind: Int, channel: SendChannel<Item>): Consumer<Item> = when (kind % 5) {
        0 -> Consumer { channel.trySend(it) }
        1 -> Consumer { channel.trySend(it) }
        2 -> Consumer { channel.trySend(it) }
        3 -> Consumer { channel.trySend(it) }
        else -> Consumer { channel.trySend(it) }
    }
}
