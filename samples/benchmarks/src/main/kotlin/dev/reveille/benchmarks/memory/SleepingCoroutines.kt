package dev.reveille.benchmarks.memory

import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.util.function.LongSupplier
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds

/** Coroutines in `delay`, on the loop of a `runBlocking` of their own. */
internal class SleepingCoroutines(count: Int, sleepers: Sleepers, seconds: LongSupplier) {
    init {
        thread(name = "runBlocking", isDaemon = true) {
            runBlocking {
                repeat(count) {
                    val time = seconds.asLong.seconds
                    launch {
                        sleepers.sleeps()
                        delay(time)
                        sleepers.woke()
                    }
                }
            }
        }
    }
}
