package dev.reveille.benchmarks.kotlin

import dev.reveille.kotlin.yieldNow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.yield
import java.util.SplittableRandom
import java.util.concurrent.Executor
import kotlin.coroutines.resume

/** What a coroutine does, the same on each of the [Peers]. */
internal fun interface Scenario {
    suspend fun run(scope: CoroutineScope): Long
}

internal object Scenarios {
    private const val TEN_MINUTES = 600_000L

    /** Each of [coroutines] yields [times] times, one after the other in turn. */
    @JvmStatic
    fun yields(coroutines: Int, times: Int) = Scenario { scope ->
        val jobs = arrayOfNulls<Job>(coroutines)
        for (i in jobs.indices) {
            jobs[i] = scope.launch { repeat(times) { yield() } }
        }
        joinAll(jobs)
    }

    /** The same with `yieldNow()`: the body of one task. */
    @JvmStatic
    fun yieldsNow(times: Int) = Scenario {
        repeat(times) { yieldNow() }
        times.toLong()
    }

    /** [coroutines] that do nothing are launched, then joined, so many [times]. */
    @JvmStatic
    fun launches(coroutines: Int, times: Int) = Scenario { scope ->
        val jobs = arrayOfNulls<Job>(coroutines)
        var sum = 0L
        repeat(times) {
            for (i in jobs.indices) {
                jobs[i] = scope.launch { sum++ }
            }
            joinAll(jobs)
        }
        sum
    }

    /** There and back through two rendezvous channels, so many [times]. */
    @JvmStatic
    fun pingPong(times: Int) = Scenario { scope ->
        val there = Channel<Unit>()
        val back = Channel<Unit>()
        scope.launch { repeat(times) { back.send(there.receive()) } }
        repeat(times) {
            there.send(Unit)
            back.receive()
        }
        times.toLong()
    }

    /** So many coroutines wait in [delay], or without a timer, and are cancelled when all do. */
    @JvmStatic
    fun delays(coroutines: Int, timers: Boolean) = Scenario { scope ->
        val random = SplittableRandom(42)
        val waiting =
            scope.launch {
                repeat(coroutines) {
                    val millis = TEN_MINUTES + random.nextInt(TEN_MINUTES.toInt())
                    launch { if (timers) delay(millis) else awaitCancellation() }
                }
            }
        repeat(2) { yield() } // once for the coroutine that launches them, once for all of them
        waiting.cancelAndJoin()
        coroutines.toLong()
    }

    /** To a foreign thread, which calls back, so many [times]. */
    @JvmStatic
    fun callbacks(foreign: Executor, times: Int) = Scenario {
        repeat(times) {
            suspendCancellableCoroutine { continuation -> foreign.execute { continuation.resume(Unit) } }
        }
        times.toLong()
    }

    private suspend fun joinAll(jobs: Array<Job?>): Long {
        for (job in jobs) {
            job?.join()
        }
        return jobs.size.toLong()
    }
}
