package dev.reveille.kotlin.debug

import dev.reveille.BasicDispatcher
import dev.reveille.Task
import dev.reveille.Timer
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.await
import dev.reveille.kotlin.coroutineTask
import dev.reveille.kotlin.yieldNow
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import reactor.blockhound.BlockHound
import reactor.blockhound.BlockingOperationError
import reactor.blockhound.integration.BlockHoundIntegration
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS

/** A program under BlockHound. Run by [BlockHoundTest] in a JVM of its own. */
internal object Blocking {
    // readme-kotlin: blockhound
    class ReveilleIntegration : BlockHoundIntegration {
        override fun applyTo(builder: BlockHound.Builder) {
            // A thread that drives a loop must not block...
            builder.nonBlockingThreadPredicate { it.or { thread -> thread.name.startsWith("loop-") } }
            // ...but for the one place where the loop itself sleeps.
            builder.allowBlockingCallsInside("dev.reveille.BasicDispatcher", "park")
        }
    }
    // readme: end

    @JvmStatic
    fun main(args: Array<String>) {
        BlockHound.install(ReveilleIntegration())
        val dispatcher = BasicDispatcher()
        val driver = Thread({ dispatcher.run() }, "loop-1")
        driver.start()
        val scope =
            CoroutineScope(
                dispatcher.asCoroutineDispatcher() + SupervisorJob() + CoroutineExceptionHandler { _, _ -> },
            )
        val ends = CountDownLatch(4)
        scope.launch { harmless(dispatcher) }.invokeOnCompletion { end("coroutine", it, ends) }
        report("task", coroutineTask("task") { harmless(dispatcher) }, ends, dispatcher)
        scope.launch { guilty() }.invokeOnCompletion { end("guilty", it, ends) }
        report("guilty task", coroutineTask("task") { guilty() }, ends, dispatcher)
        check(ends.await(20, SECONDS)) { "they do not end" }

        dispatcher.stop()
        driver.join()
        dispatcher.close()
    }

    private fun end(what: String, failure: Throwable?, ends: CountDownLatch) {
        println("$what: ${failure ?: "fine"}")
        ends.countDown()
    }

    private fun report(what: String, task: Task, ends: CountDownLatch, dispatcher: BasicDispatcher) {
        val handle = dispatcher.spawn(what, task)
        CoroutineScope(Dispatchers.Default).launch {
            val outcome = runCatching { handle.join().await(on = dispatcher) }
            end(what, outcome.exceptionOrNull(), ends)
        }
    }

    /** Everything that parks the loop, and the ways back into it. */
    private suspend fun CoroutineScope.harmless(dispatcher: BasicDispatcher) {
        delay(20)
        Timer(dispatcher).apply { reset(Duration.ofMillis(20)) }.await()
        val channel = Channel<Int>()
        launch { channel.send(1) }
        channel.receive()
        withTimeoutOrNull(1) { delay(1_000) }
        withContext(Dispatchers.IO) { CountDownLatch(1).await(5, MILLISECONDS) }
        yieldNow()
    }

    private suspend fun guilty() {
        delay(1)
        try {
            CountDownLatch(1).await(1, MILLISECONDS)
        } catch (found: BlockingOperationError) {
            throw IllegalStateException("found: ${found.message}")
        }
    }
}
