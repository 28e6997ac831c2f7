package dev.reveille.kotlin

import dev.reveille.BlockOwner
import dev.reveille.Dispatcher
import dev.reveille.TaskLocals
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

private const val NANOS_PER_MILLI = 1_000_000L

/** A deadline that never comes, as [Dispatcher.postAt] has it. */
private const val NEVER = Long.MAX_VALUE

/**
 * What the coroutines of one dispatcher share: the ways in, and the way out when the dispatcher is closed.
 *
 * A service of the dispatcher, so there is one of it. As the owner of the coroutine segments in the FIFO it gets those
 * back that a close leaves over.
 */
internal class LoopCoroutines private constructor(val dispatcher: Dispatcher) :
    BlockOwner("coroutine"),
    AutoCloseable {
    val queue = QueueDispatcher(this)
    val immediate = ImmediateDispatcher(this)
    val child = ChildDispatcher(this, null)

    /** Resumptions inside polls; plain: written on the loop, and elsewhere read for statistics only. */
    private var inPolls = 0L

    /**
     * Posted and not polled yet. A close hands such tasks back to its caller without a word to them, and their
     * coroutines would hang. Added before the post or on the loop, removed on the loop.
     */
    private val unbegun: MutableSet<AwaitTask<*>> = ConcurrentHashMap.newKeySet()

    /** For the next attempt of an await; see [AwaitTask]. On the loop. */
    private var spare: AwaitTask<*>? = null

    val resumptions: Long get() = blocksRun() + inPolls

    fun childWith(values: TaskLocals?): ChildDispatcher = if (values == null) child else ChildDispatcher(this, values)

    // ------------------------------------------------------------------ ways in, any thread

    fun enqueue(context: CoroutineContext, block: Runnable) {
        try {
            dispatcher.post(this, block)
        } catch (rejected: RejectedExecutionException) {
            runElsewhere(context, block, rejected)
        }
    }

    /** Starts an await. Its first poll is made within this call if that is safe; returns whether that was all. */
    fun begin(task: AwaitTask<*>): Boolean {
        if (dispatcher.onLoop()) {
            task.beginning = true
            dispatcher.dispatch(task)
            task.beginning = false
            if (!task.hasBegun) {
                unbegun.add(task)
            }
            return task.hasEnded
        }
        unbegun.add(task) // before the post, which may be followed at once by the first poll
        try {
            dispatcher.post(task)
        } catch (rejected: RejectedExecutionException) {
            unbegun.remove(task)
            throw rejected
        }
        return false // it is for the loop to know
    }

    /** Never early: relative to what the clock says now, and too far is never. */
    fun deadlineAfter(timeMillis: Long): Long {
        if (timeMillis >= NEVER / NANOS_PER_MILLI) {
            return NEVER
        }
        val now = dispatcher.ticker().read()
        val deadline = now + timeMillis.coerceAtLeast(0) * NANOS_PER_MILLI
        return if (deadline < now) NEVER else deadline
    }

    // ------------------------------------------------------------------ on the loop

    fun countResumption() {
        inPolls++
    }

    /** A task for an attempt, to be given back by [recycle] if it does not go on. */
    fun <T> awaitTask(name: String): AwaitTask<T> {
        val task = spare
        if (task == null || task.name() != name) {
            return AwaitTask(this, name)
        }
        spare = null // another coroutine may attempt something from within the poll
        @Suppress("UNCHECKED_CAST") // it holds nothing
        return task as AwaitTask<T>
    }

    fun recycle(task: AwaitTask<*>) {
        spare = task
    }

    fun begun(task: AwaitTask<*>) {
        if (!task.beginning) {
            unbegun.remove(task)
        }
    }

    override fun giveBack(block: Runnable) {
        val rejected =
            RejectedExecutionException("dispatcher '${dispatcher.name()}' was closed before it ran a coroutine's block")
        if (block is TimedBlock) {
            block.refused(rejected)
        } else {
            runElsewhere(contextOf(block), block, rejected)
        }
    }

    /** After the last cleanup of the dispatcher. */
    override fun close() {
        unbegun.toList().forEach { it.neverBegun() }
        unbegun.clear()
    }

    companion object {
        fun of(dispatcher: Dispatcher): LoopCoroutines =
            dispatcher.service(LoopCoroutines::class.java) { LoopCoroutines(it) }

        /** The blocks of kotlinx.coroutines are continuations, and know their context. */
        fun contextOf(block: Runnable): CoroutineContext = (block as? Continuation<*>)?.context ?: EmptyCoroutineContext

        /** Cancels the job and still runs the block, so that `finally` is executed, as kotlinx.coroutines does. */
        private fun runElsewhere(context: CoroutineContext, block: Runnable, rejected: RejectedExecutionException) {
            cancelRejected(context, rejected)
            Dispatchers.IO.dispatch(context, block)
        }

        fun cancelRejected(context: CoroutineContext, rejected: RejectedExecutionException): Unit =
            context.cancel(CancellationException("The task was rejected", rejected))

        /** For what still waits although its job was cancelled: the rest of the time, in real time. */
        fun afterwards(nanos: Long, action: () -> Unit): Job = Elsewhere.launch {
            delay(if (nanos == NEVER) NEVER else (nanos / NANOS_PER_MILLI) + 1) // rounded up: never early
            action()
        }
    }

    /** Where coroutines go whose loop is closed. Has no job that could be cancelled. */
    private object Elsewhere : CoroutineScope {
        override val coroutineContext: CoroutineContext get() = Dispatchers.IO
    }
}
