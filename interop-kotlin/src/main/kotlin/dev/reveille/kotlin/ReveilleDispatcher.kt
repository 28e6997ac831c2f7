// Delay is internal API of kotlinx.coroutines and has no public counterpart: this file is the only one that knows it.
@file:OptIn(InternalCoroutinesApi::class, ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.Dispatcher
import dev.reveille.TaskLocals
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CopyableThreadContextElement
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlin.coroutines.CoroutineContext

/**
 * Runs coroutines on a [Dispatcher]: see [asCoroutineDispatcher].
 *
 * **One queue, one clock.** Each segment goes into the FIFO of the loop as it is, behind what was accepted before it,
 * and is never run in place. `delay`, `withTimeout` and `select { onTimeout() }` are timers of the loop, on its
 * [ticker][Dispatcher.ticker], so that mock time moves them; they never fire early, and they are ordered with all other
 * timers. Queued segments, armed delays and coroutines in [await] are work of the dispatcher; a coroutine that waits for
 * something else (a channel, a `Deferred`) is not.
 *
 * **Pitfall: a busy loop can not be timed out.** The timer of `withTimeout` fires on the loop, which a coroutine that
 * never suspends does not let go:
 *
 * ```
 * withTimeout(10) { while (isActive) step() } // WRONG: for ever
 * withTimeout(10) {
 *     while (true) { // correct
 *         step()
 *         yieldNow()
 *     }
 * }
 * ```
 *
 * **Shutdown.** While the dispatcher is draining it takes the segments of coroutines that run already, from any thread.
 * Once it is closed, a coroutine that would be resumed on it has its `Job` cancelled with the `CancellationException`
 * "The task was rejected", and the segment runs on [Dispatchers.IO][kotlinx.coroutines.Dispatchers.IO], so that its
 * `finally` blocks are executed; a `withContext(NonCancellable)` does not keep a closed loop usable. The same happens to
 * segments and delays that were queued or armed when it was closed, and to coroutines in [await]. A coroutine without a
 * `Job` can not be cancelled: its segments run elsewhere, and a delay waits there for the rest of its time, in real time.
 *
 * **Thread context.** The [ThreadContextElement][kotlinx.coroutines.ThreadContextElement]s of a coroutine (a logging
 * context, say, or [asContextElement]) are in the thread around each of its segments, also where that is run in the poll
 * of a task, and around each poll of what it awaits, whichever task makes it.
 *
 * **Threading.** All functions may be called by any thread. **Memory effects.** Actions before a resumption happen-before
 * the segment that it resumes, and segments of one dispatcher are ordered one after the other, also when its driver
 * changes.
 *
 * **Equality.** Views of the same dispatcher are equal if they queue alike; [immediate] is not equal to the others.
 */
public sealed class ReveilleDispatcher :
    CoroutineDispatcher(),
    Delay {
    /** The dispatcher on whose loop the coroutines run. */
    public val dispatcher: Dispatcher get() = coroutines.dispatcher

    /**
     * A view that resumes coroutines in place when they are resumed on the loop, and queues them else.
     *
     * It saves a turn and gives up the order: what is resumed in place overtakes what is queued. It is not equal to the
     * views that always queue; both share the one FIFO. `yield` on it queues.
     */
    public val immediate: ReveilleDispatcher get() = coroutines.immediate

    /**
     * How many coroutine segments have been resumed on the loop, in a turn of their own or in the poll of a task, and
     * how many coroutine timers have fired. On the loop it is exact; elsewhere it may be an older number.
     */
    public val resumptions: Long get() = coroutines.resumptions

    internal abstract val coroutines: LoopCoroutines

    /** What stands behind the dispatcher in [toString]; also what tells views of one dispatcher apart. */
    internal abstract val view: String

    /** Queues [block] on the loop; never throws and never runs it in place. */
    override fun dispatch(context: CoroutineContext, block: Runnable): Unit = coroutines.enqueue(context, block)

    /**
     * This dispatcher: it has one thread at a time, so any [parallelism] is satisfied by it. [name] is ignored.
     *
     * @throws IllegalArgumentException if [parallelism] is below one.
     */
    override fun limitedParallelism(parallelism: Int, name: String?): CoroutineDispatcher {
        require(parallelism >= 1) { "Expected positive parallelism level, but got $parallelism" }
        return this
    }

    /** @suppress For `delay` of kotlinx.coroutines. */
    final override fun scheduleResumeAfterDelay(timeMillis: Long, continuation: CancellableContinuation<Unit>): Unit =
        resumeAt(coroutines.deadlineAfter(timeMillis), continuation)

    /** @suppress For `withTimeout` of kotlinx.coroutines. */
    final override fun invokeOnTimeout(
        timeMillis: Long,
        block: Runnable,
        context: CoroutineContext,
    ): DisposableHandle = TimeoutBlock(coroutines, coroutines.deadlineAfter(timeMillis), context, block).apply { arm() }

    internal open fun resumeAt(deadline: Long, continuation: CancellableContinuation<Unit>): Unit =
        resumeByBlock(deadline, continuation)

    internal fun resumeByBlock(deadline: Long, continuation: CancellableContinuation<Unit>) {
        val block = DelayBlock(coroutines, deadline, this, continuation)
        block.arm() // first: a coroutine that is cancelled already is resumed by its cancellation, not by us
        continuation.invokeOnCancellation(block)
    }

    /** Called on the loop when the time of a [DelayBlock] has come. */
    internal open fun resumeDelayed(continuation: CancellableContinuation<Unit>) {
        if (!resumeHere(continuation, Unit)) {
            cancelHere(continuation)
        }
    }

    /**
     * Resumes [continuation] within the entry that the loop is running. Only where this is the very dispatcher that
     * intercepts it does this save the way through the queue; else it is dispatched.
     *
     * Returns false if the coroutine was cancelled and so has not taken the value; [cancelHere] has to follow. As
     * kotlinx.coroutines does at the beginning of a segment that was dispatched, it looks at the job itself, since who
     * cancels may not have come to tell the continuation yet.
     */
    internal fun <T> resumeHere(continuation: CancellableContinuation<T>, value: T): Boolean {
        if (continuation.context[Job]?.isActive == false) {
            return false
        }
        with(continuation) { this@ReveilleDispatcher.resumeUndispatched(value) }
        return !continuation.isCancelled
    }

    /** Ends the wait if the job is cancelled and [continuation] was not told yet. */
    internal fun cancelHere(continuation: CancellableContinuation<*>) {
        val job = continuation.context[Job]
        if (job?.isActive == false) {
            failHere(continuation, job.getCancellationException())
        }
    }

    /** [resumeHere] with a failure. */
    internal fun failHere(continuation: CancellableContinuation<*>, failure: Throwable): Unit =
        with(continuation) { this@ReveilleDispatcher.resumeUndispatchedWithException(failure) }

    /** Views of one dispatcher that queue alike are equal. */
    override fun equals(other: Any?): Boolean =
        this === other || (other is ReveilleDispatcher && other.dispatcher === dispatcher && other.view == view)

    /** The hash code of the dispatcher and the view. */
    override fun hashCode(): Int = 31 * System.identityHashCode(dispatcher) + view.hashCode()

    /** The kind, the dispatcher and the view, for dumps and messages. */
    override fun toString(): String = "ReveilleDispatcher[${dispatcher.name()}]$view"
}

/** What `asCoroutineDispatcher()` gives. */
internal class QueueDispatcher(override val coroutines: LoopCoroutines) : ReveilleDispatcher() {
    override val view: String get() = ""
}

/** [ReveilleDispatcher.immediate]. */
internal class ImmediateDispatcher(override val coroutines: LoopCoroutines) : ReveilleDispatcher() {
    override val view: String get() = ".immediate"

    override fun isDispatchNeeded(context: CoroutineContext): Boolean = !dispatcher.onLoop()
}

/**
 * What the children of a coroutine task have in place of its [TaskDispatcher]: does the same as the [QueueDispatcher], and
 * equals it. A class of its own because [CopyableThreadContextElement.copyForChild] must return one of its kind, and
 * because it has the task-local values with which the children begin, if there are any: then it equals no other, so that
 * a block with another dispatcher is never run below it.
 */
@OptIn(DelicateCoroutinesApi::class)
internal class ChildDispatcher(override val coroutines: LoopCoroutines, override val valuesForChild: TaskLocals?) :
    ReveilleDispatcher(),
    InheritedDispatcher {
    override val view: String get() = if (valuesForChild == null) "" else ".child"

    override fun copyForChild(): ChildDispatcher = this

    override fun updateThreadContext(context: CoroutineContext): TaskLocals? = valuesForChild?.putFor(context)

    override fun restoreThreadContext(context: CoroutineContext, oldState: TaskLocals?) {
        if (valuesForChild != null) {
            TaskLocals.exchange(oldState)
        }
    }

    override fun equals(other: Any?): Boolean =
        if (valuesForChild == null) super<ReveilleDispatcher>.equals(other) else this === other

    override fun hashCode(): Int = super<ReveilleDispatcher>.hashCode()

    override fun <E : CoroutineContext.Element> get(key: CoroutineContext.Key<E>): E? =
        super<ReveilleDispatcher>.get(key)

    override fun minusKey(key: CoroutineContext.Key<*>): CoroutineContext = super<ReveilleDispatcher>.minusKey(key)
}
