package dev.reveille.benchmarks.bridge

import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.asExecutor
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** Coroutines that make their calls one after the other, each with `suspendCancellableCoroutine`. */
internal object CoroutineCallers {
    /** On the loop that `runBlocking` has of its own, on the calling thread. */
    @JvmStatic
    fun inRunBlocking(callers: Int, calls: Int, delivery: Delivery): Long =
        runBlocking { callAll(callers, calls, delivery) }

    /** On the thread of a dispatcher. */
    @JvmStatic
    fun on(dispatcher: CoroutineDispatcher, callers: Int, calls: Int, delivery: Delivery): Long =
        runBlocking(dispatcher) { callAll(callers, calls, delivery) }

    private suspend fun CoroutineScope.callAll(callers: Int, calls: Int, delivery: Delivery): Long {
        val loop = (coroutineContext[ContinuationInterceptor] as CoroutineDispatcher).asExecutor()
        val wire = Wire(callers, delivery.on(loop))
        return List(callers) { kind ->
            val client = LegacyClient.of(kind, wire)
            async { callInTurn(client, kind, calls) }
        }.awaitAll().sum()
    }

    private suspend fun callInTurn(client: LegacyClient, kind: Int, calls: Int): Long {
        var sum = 0L
        for (key in calls downTo 1) {
            sum += get(client, kind, key).id
        }
        return sum
    }

    private suspend fun get(client: LegacyClient, kind: Int, key: Int): Item =
        suspendCancellableCoroutine { continuation -> client.get(key, callback(kind, continuation)) }

    private fun callback(kind: Int, continuation: CancellableContinuation<Item>): ItemCallback = when (kind % 5) {
        0 -> ItemCallback { item, failure -> end(continuation, item, failure) }
        1 -> ItemCallback { item, failure -> end(continuation, item, failure) }
        2 -> ItemCallback { item, failure -> end(continuation, item, failure) }
        3 -> ItemCallback { item, failure -> end(continuation, item, failure) }
        else -> ItemCallback { item, failure -> end(continuation, item, failure) }
    }

    private fun end(continuation: CancellableContinuation<Item>, item: Item?, failure: Throwable?) {
        if (item != null) {
            continuation.resume(item)
        } else if (failure != null) {
            continuation.resumeWithException(failure)
        }
    }
}
