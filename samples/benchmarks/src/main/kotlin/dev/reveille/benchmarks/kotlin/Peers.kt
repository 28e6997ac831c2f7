@file:OptIn(DelicateCoroutinesApi::class, ExperimentalCoroutinesApi::class)

package dev.reveille.benchmarks.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.coroutineTask
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import java.util.concurrent.Executors

/** Where a scenario runs. Each of them has one thread at a time; ours and `runBlocking`'s loop have the calling one. */
internal class Peers : AutoCloseable {
    private val dispatcher = BasicDispatcher()
    private val singleThreadContext = kotlinx.coroutines.newSingleThreadContext("kotlin")
    private val executorBacked = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
    private val limited = Dispatchers.Default.limitedParallelism(1)

    /** In an ordinary coroutine of ours. */
    fun reveille(scenario: Scenario): Long {
        val guard = dispatcher.workGuard() // a coroutine that waits for a foreign callback is no work
        val result = CoroutineScope(dispatcher.asCoroutineDispatcher()).async { scenario.run(this) }
        result.invokeOnCompletion { guard.close() }
        dispatcher.runToCompletion()
        return result.getCompleted()
    }

    /** In the main flow of each of so many tasks of ours. */
    fun reveilleTasks(tasks: Int, scenario: Scenario): Long {
        var sum = 0L
        repeat(tasks) { dispatcher.post(coroutineTask { sum += scenario.run(this) }) }
        dispatcher.runToCompletion()
        return sum
    }

    /** By hand: a deque of runnables, no thread-safety, no waiting, no failure. */
    fun floor(scenario: Scenario): Long {
        val floor = FloorDispatcher()
        val result = CoroutineScope(floor).async { scenario.run(this) }
        floor.run()
        return result.getCompleted()
    }

    /** On the loop that `runBlocking` has of its own. */
    fun runBlocking(scenario: Scenario): Long = kotlinx.coroutines.runBlocking { scenario.run(this) }

    fun newSingleThreadContext(scenario: Scenario): Long = on(singleThreadContext, scenario)

    /** `Executors.newSingleThreadExecutor().asCoroutineDispatcher()`. */
    fun executor(scenario: Scenario): Long = on(executorBacked, scenario)

    /** `Dispatchers.Default.limitedParallelism(1)`. */
    fun limitedParallelism(scenario: Scenario): Long = on(limited, scenario)

    private fun on(peer: CoroutineDispatcher, scenario: Scenario): Long =
        kotlinx.coroutines.runBlocking(peer) { scenario.run(this) }

    override fun close() {
        dispatcher.close()
        singleThreadContext.close()
        executorBacked.close()
    }
}
