package dev.reveille.benchmarks.cross

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.runBlocking
import java.util.concurrent.CompletableFuture
import kotlin.concurrent.thread
import kotlin.coroutines.ContinuationInterceptor

/** The loop that `runBlocking` has of its own, on a thread of its own. */
internal class RunBlockingLoop : AutoCloseable {
    private val stop = CompletableDeferred<Unit>()
    private val loop = CompletableFuture<CoroutineDispatcher>()

    init {
        thread(name = "runBlocking") {
            runBlocking {
                loop.complete(coroutineContext[ContinuationInterceptor] as CoroutineDispatcher)
                stop.await()
            }
        }
    }

    val dispatcher: CoroutineDispatcher get() = loop.join()

    override fun close() {
        stop.complete(Unit)
    }
}
