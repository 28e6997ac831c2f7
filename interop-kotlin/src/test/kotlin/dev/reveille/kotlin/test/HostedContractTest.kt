package dev.reveille.kotlin.test

import dev.reveille.DispatcherOptions
import dev.reveille.MockTime
import dev.reveille.contract.DispatcherContract
import dev.reveille.contract.Driven
import dev.reveille.contract.HostedDriven
import dev.reveille.kotlin.asHost
import dev.reveille.spi.Host
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.AfterAll
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executors
import java.util.concurrent.Future
import java.util.concurrent.TimeUnit.NANOSECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.concurrent.thread
import kotlin.time.Duration

/** A dispatcher in the queue of a test scheduler that `runTest` runs, as [hostDispatcher] makes it, keeps the contract. */
class RunTestContractTest : DispatcherContract() {
    override fun createDriven(options: DispatcherOptions): Driven {
        val host = makers.get(10, SECONDS)()
        return HostedDriven.on(if (options.ticker() is MockTime) host else WokenInRealTime(host), options)
    }

    /**
     * For the sentences on the system's clock. Of virtual time an hour is over at once, and the loop, for which it is not,
     * would ask again and again.
     */
    private class WokenInRealTime(private val host: Host) : Host by host {
        private var wakeup: Future<*>? = null

        override fun wakeAfter(nanos: Long, drain: Runnable) {
            wakeup?.cancel(false)
            if (nanos != Long.MAX_VALUE) {
                wakeup = clock.schedule({ host.execute(drain) }, nanos, NANOSECONDS)
            }
        }
    }

    private companion object {
        val clock = Executors.newScheduledThreadPool(1)
        val end = CompletableDeferred<Unit>()
        val makers = CompletableFuture<() -> Host>()
        val runTest =
            thread(name = "runTest") {
                try {
                    runTest(timeout = Duration.INFINITE) {
                        val thread = Thread.currentThread()
                        makers.complete { TestHost(testScheduler, thread) }
                        end.await()
                    }
                } finally {
                    makers.completeExceptionally(IllegalStateException("runTest has ended"))
                }
            }

        @AfterAll
        @JvmStatic
        fun endTheTest() {
            end.complete(Unit)
            runTest.join(10_000)
            check(!runTest.isAlive) { "runTest does not end" }
            clock.shutdownNow()
        }
    }
}

/** A pool of several threads keeps the contract. */
class PoolContractTest : DispatcherContract() {
    override fun createDriven(options: DispatcherOptions): Driven =
        HostedDriven.on(Dispatchers.Default.asHost(), options)
}
