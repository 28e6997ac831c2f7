package dev.reveille.kotlin.build

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.RunOutcome
import dev.reveille.Timer
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.await
import dev.reveille.kotlin.consume
import dev.reveille.kotlin.coroutineTask
import dev.reveille.kotlin.pollable
import dev.reveille.kotlin.yieldNow
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.FlowPreview
import kotlinx.coroutines.Job
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.debounce
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.lang.management.ManagementFactory
import java.time.Duration

/**
 * What a program does with coroutines on one loop, or on two, and then prints the threads that there have been: those
 * that live, and how many have been started in all. Run by [ThreadsTest] in a JVM of its own.
 */
@OptIn(ExperimentalCoroutinesApi::class, FlowPreview::class)
internal object Threads {
    private val steps = mutableListOf<String>()

    private fun check(what: String, isTrue: Boolean) {
        check(isTrue) { what }
        steps += what
    }

    @JvmStatic
    fun main(args: Array<String>) {
        val threads = ManagementFactory.getThreadMXBean()
        val before = threads.totalStartedThreadCount
        val other = BasicDispatcher()
        val driver = Thread({ other.run() }, "driver")
        driver.start()
        BasicDispatcher().use { dispatcher ->
            val scope = CoroutineScope(dispatcher.asCoroutineDispatcher())
            scope.launch { times() }
            scope.launch { channels() }
            scope.launch { pollables(dispatcher, other) }
            dispatcher.post(coroutineTask("task") { inATask() })
            check("ran to its end", dispatcher.runToCompletion() == RunOutcome.IDLE)
        }
        other.stop()
        driver.join()
        other.close()
        println("steps: $steps")
        println("started: ${threads.totalStartedThreadCount - before}")
        Thread.getAllStackTraces().keys.forEach { println("thread: ${it.name}") }
    }

    private fun timer(dispatcher: BasicDispatcher, millis: Long): Pollable<*> =
        Timer(dispatcher).apply { reset(Duration.ofMillis(millis)) }

    private suspend fun times() {
        delay(2)
        check("delay", true)
        try {
            withTimeout(1) { delay(1_000) }
        } catch (_: TimeoutCancellationException) {
            check("withTimeout", true)
        }
        check("withTimeoutOrNull", withTimeoutOrNull(1_000) { delay(1) } != null)
        select { onTimeout(1) { check("select", true) } }
        check("debounce", (1..2).asFlow().onEach { delay(5) }.debounce(1).toList().isNotEmpty())
    }

    private suspend fun channels() {
        val channel = Channel<Int>()
        coroutineScope {
            launch {
                repeat(3) { channel.send(it) }
                channel.close()
            }
            var sum = 0
            for (element in channel) {
                sum += element
                yield()
            }
            check("channel", sum == 3)
            check("async", awaitAll(async { 1 }, async { 2 }).sum() == 3)
        }
    }

    private suspend fun pollables(dispatcher: BasicDispatcher, other: BasicDispatcher) {
        timer(dispatcher, 2).await()
        timer(dispatcher, 2).consume()
        check("await", dispatcher.pollable { 1 }.await() == 1)
        check("await(on)", other.pollable("on the other") { delay(1).let { 2 } }.await(on = other) == 2)
        check("consume(on)", Pollable { _: Context -> Poll.ready(3) }.consume(on = other) == 3)
        withContext(other.asCoroutineDispatcher()) { delay(1) }
        check("withContext", dispatcher.onLoop())
    }

    private suspend fun CoroutineScope.inATask() {
        val child: Job = launch { delay(1) }
        delay(1)
        child.join()
        yieldNow()
        check("cancelled", launch { delay(10_000) }.apply { cancel() }.isCancelled)
        check("task", withTimeoutOrNull(1) { delay(10_000) } == null)
    }
}
