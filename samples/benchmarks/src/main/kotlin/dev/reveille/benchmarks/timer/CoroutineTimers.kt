package dev.reveille.benchmarks.timer

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.nanoseconds

/** Coroutines that `delay`, on the loop of `runBlocking`; to cancel one is to cancel its job. */
internal class CoroutineTimers : Timers {
    private val stop = CompletableDeferred<Unit>()
    private val opened = CompletableFuture<CoroutineScope>()
    private val scope: CoroutineScope
    private var moved: Job? = null

    init {
        thread(name = "runBlocking") {
            runBlocking {
                // A job of its own: those that are armed do not keep the loop.
                opened.complete(CoroutineScope(coroutineContext + SupervisorJob()))
                stop.await()
            }
        }
        scope = opened.join()
    }

    override fun use(work: Runnable) {
        val done = CountDownLatch(1)
        scope.launch {
            work.run()
            done.countDown()
        }
        done.await()
    }

    override fun arm(delayNanos: Long) {
        delayed(delayNanos)
    }

    override fun armAndCancel(delayNanos: Long) = delayed(delayNanos).cancel()

    override fun rearm(delayNanos: Long) {
        moved?.cancel()
        moved = delayed(delayNanos)
    }

    private fun delayed(delayNanos: Long): Job =
        scope.launch(start = CoroutineStart.UNDISPATCHED) { delay(delayNanos.nanoseconds) }

    override fun armed(): Long = -1

    override fun fire(expiries: Expiries) {
        scope.launch {
            for (i in 0 until expiries.count()) {
                val expiry = expiries.get(i)
                launch(start = CoroutineStart.UNDISPATCHED) {
                    delay(expiry.delay().nanoseconds)
                    expiry.run()
                }
            }
        }
        expiries.awaitAll()
    }

    override fun close() {
        scope.cancel(CancellationException("closed"))
        stop.complete(Unit)
    }
}
