package dev.reveille.kotlin

import com.sun.management.ThreadMXBean
import dev.reveille.BasicDispatcher
import dev.reveille.DispatcherOptions
import dev.reveille.callback.Completer
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.future.asCompletableFuture
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import java.lang.management.ManagementFactory
import java.util.Random
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.Continuation
import kotlin.coroutines.resume

/** Completion, cancellation and delivery at the same time, and what a call costs. */
class AwaitCallbackRaceTest {
    enum class Where { LOOP, TASK, ELSEWHERE }

    /** A resource: received or closed, once. */
    private class Resource(private val ends: AtomicInteger) {
        private val end = AtomicInteger()

        fun end() {
            check(end.incrementAndGet() == 1) { "ended twice" }
            ends.incrementAndGet()
        }
    }

    @ParameterizedTest
    @EnumSource
    fun eachValueIsReturnedOrDisposedOfOnce(where: Where) {
        // Nobody joins the tasks that are cancelled here.
        val dispatcher = BasicDispatcher(DispatcherOptions.defaults().withUncaughtHandler { _, _, _ -> })
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.run() }
        val random = Random(7)
        val completed = AtomicInteger()
        val ends = AtomicInteger()
        val onLoop = CoroutineScope(dispatcher.asCoroutineDispatcher())
        repeat(ROUNDS) {
            val given = CompletableFuture<Completer<Resource>>()
            val start: (Completer<Resource>) -> Unit = { completer -> given.complete(completer) }
            val body: suspend CoroutineScope.() -> Unit = {
                val resource =
                    if (where == Where.ELSEWHERE) {
                        awaitCallback("race", dispatcher, onUndelivered = Resource::end, start = start)
                    } else {
                        awaitCallback("race", onUndelivered = Resource::end, start = start)
                    }
                resource.end()
            }
            var task: Job? = null
            val job =
                when (where) {
                    Where.LOOP -> onLoop.async(block = body)

                    Where.ELSEWHERE -> CoroutineScope(Dispatchers.Default).async(block = body)

                    Where.TASK -> Job().also { parent ->
                        dispatcher.spawn(coroutineTask("race", parent, body))
                        task = parent
                    }
                }
            val completer = given.get(10, SECONDS)
            val pause = random.nextInt(2_000)
            val legacy =
                thread {
                    completer.complete(Resource(ends))
                    completed.incrementAndGet()
                }
            repeat(pause) { Thread.onSpinWait() }
            job.cancel()
            legacy.join()
            if (task == null) job.asCompletableFuture().exceptionally { }.get(10, SECONDS)
        }
        guard.close()
        dispatcher.shutdown()
        driver.join(10_000)
        dispatcher.close()
        assertThat(completed.get()).isEqualTo(ROUNDS)
        assertThat(ends.get()).isEqualTo(ROUNDS)
    }

    @Test
    fun aCallThatSuspendsCostsLittleMoreThanItsCompleterAndAnAwait() {
        val threads = ManagementFactory.getThreadMXBean() as? ThreadMXBean ?: return
        val bytes = ConcurrentHashMap<String, Long>()
        for (asTask in listOf(false, true)) {
            for (ours in listOf(false, true)) {
                val loop = TestLoop()
                var completer: Completer<String>? = null
                var continuation: Continuation<String>? = null
                val body: suspend CoroutineScope.() -> Unit = {
                    repeat(CALLS) {
                        if (ours) {
                            awaitCallback<String>("call") { completer = it }
                        } else {
                            suspendCancellableCoroutine<String> { continuation = it }
                        }
                    }
                }
                if (asTask) loop.dispatcher.post(coroutineTask(block = body)) else loop.scope.launch(block = body)
                val answer = Runnable {
                    completer?.complete("answer")
                    continuation?.resume("answer")
                }
                val round = {
                    loop.dispatcher.post(answer)
                    loop.runUntilStalled()
                }
                loop.runUntilStalled()
                repeat(CALLS / 2 - 1) { round() }
                val id = Thread.currentThread().id
                val before = threads.getThreadAllocatedBytes(id)
                repeat(CALLS / 2) { round() }
                bytes["asTask=$asTask ours=$ours"] = (threads.getThreadAllocatedBytes(id) - before) / (CALLS / 2)
            }
        }
        // Without debug mode: 288 and 104 bytes in the main flow of a task, 64 + 16 of it for completer and result; 392
        // and 141 elsewhere. Debug mode, as in these tests, adds to both.
        for ((asTask, more) in listOf("true" to 450L, "false" to 500L)) {
            assertThat(bytes["asTask=$asTask ours=true"]!! - bytes["asTask=$asTask ours=false"]!!)
                .describedAs("%s", bytes)
                .isLessThan(more)
        }
    }

    private companion object {
        const val ROUNDS = 500
        const val CALLS = 4_000
    }
}
