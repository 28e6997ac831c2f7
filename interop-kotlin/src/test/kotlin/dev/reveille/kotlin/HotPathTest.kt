package dev.reveille.kotlin

import com.sun.management.ThreadMXBean
import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.lang.management.ManagementFactory

/** What the hot paths allocate, counted by the JVM for the thread of the loop. */
class HotPathTest {
    private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    private val dispatcher = BasicDispatcher()

    /** Bytes of one step, in a coroutine that makes very many of them; the first ones do not count. */
    private inline fun bytesOf(step: () -> Unit): Double {
        repeat(WARM_UP) { step() }
        val id = Thread.currentThread().id
        threads.getThreadAllocatedBytes(id)
        val before = threads.getThreadAllocatedBytes(id)
        repeat(STEPS) { step() }
        return (threads.getThreadAllocatedBytes(id) - before).toDouble() / STEPS
    }

    private fun inCoroutine(body: suspend () -> Unit) {
        val job = CoroutineScope(dispatcher.asCoroutineDispatcher()).launch { withoutThreadContext(body) }
        dispatcher.runToCompletion()
        check(job.isCompleted && !job.isCancelled)
    }

    private fun inTask(body: suspend () -> Unit) {
        dispatcher.runUntil(coroutineTask { withoutThreadContext(body) })
    }

    /** A body that goes on in each poll, and another task that is always ready. */
    private suspend fun besideAnother(body: suspend () -> Unit) {
        var done = false
        dispatcher.spawn("another") { cx ->
            cx.waker("its turn").wake()
            if (done) Poll.ready(Unit) else Poll.pending()
        }
        body()
        done = true
    }

    @Test
    fun yieldAllocatesNothing() {
        inCoroutine { assertThat(bytesOf { yield() }).isLessThan(1.0) }
        inTask { assertThat(bytesOf { yield() }).isLessThan(1.0) }
    }

    @Test
    fun yieldNowAllocatesNothing() {
        inCoroutine { assertThat(bytesOf { yieldNow() }).isLessThan(1.0) }
        inTask { assertThat(bytesOf { yieldNow() }).isLessThan(1.0) }
        inTask { besideAnother { assertThat(bytesOf { yieldNow() }).isLessThan(1.0) } }
    }

    @Test
    fun anAwaitThatIsReadyAtOnceAllocatesNothing() {
        val ready = Poll.ready("ready")
        val source = Pollable { _: Context -> ready }
        inCoroutine { assertThat(bytesOf { source.await() }).isLessThan(PER_BUDGET) }
        inTask { assertThat(bytesOf { source.await() }).isLessThan(PER_BUDGET) }
        inCoroutine { assertThat(bytesOf { source.consume() }).isLessThan(PER_BUDGET) }
        inCoroutine { assertThat(bytesOf { source.await(on = dispatcher) }).isLessThan(PER_BUDGET) }
    }

    private companion object {
        const val WARM_UP = 20_000
        const val STEPS = 100_000

        /** Each time the budget is spent the coroutine does suspend. */
        const val PER_BUDGET = 8.0
    }
}
