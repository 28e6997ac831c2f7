@file:OptIn(DelicateCoroutinesApi::class, ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Waker
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CopyableThreadContextElement
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.atomic.AtomicReference
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.resume

/**
 * The dispatcher of the main flow of one coroutine task: its segments wait here until the task is polled.
 *
 * Only the main flow gets here. Its children inherit the [ChildDispatcher] instead, see [InheritedDispatcher].
 *
 * There are three ways by which the flow goes on:
 *
 *  - A segment that anybody dispatches, from any thread, is stored in [segments] and wakes the task; the next poll runs
 *    it. What is stored during a poll waits for the next one, so that `yield()` is fair.
 *  - An await, or a `delay`, that began in a poll is a [Leaf]: the task polls it with its own context, and it resumes
 *    the flow inside that poll. The flow is sequential, so one place for a leaf is enough; should a program contrive to
 *    have two, the second becomes an [AwaitTask].
 *  - After the task has been given up nobody polls, nor before the first poll of a flow that began without one ([adopt]).
 *    [abandon] sends what is there, and all that comes later, to the FIFO of
 *    the loop, as segments of an ordinary coroutine.
 *
 * | field | written by | read by |
 * |---|---|---|
 * | [segments] | any thread, by CAS: push; loop, by CAS or getAndSet: take, abandon | the same; each pairs with the others |
 * | [waker] | loop (volatile), before it takes [segments] | any thread (volatile), after its push: so either the poll sees the segment or the push sees the waker of the poll |
 * | all others | loop | loop |
 */
internal class TaskDispatcher(override val coroutines: LoopCoroutines, private val name: String) :
    ReveilleDispatcher(),
    InheritedDispatcher {
    /** Segments in the order of their arrival: null, the one that there is, or a [Stack] of several. */
    private val segments = AtomicReference<Any?>()

    @Volatile
    private var waker: Waker = Waker.none()

    /** During a poll its context. Looked at on the loop only. */
    private var cx: Context? = null

    private var leaf: Leaf? = null

    /** The first coroutine with this dispatcher is the main flow; those that inherit from it are children. */
    private var isRooted = false

    override val view: String get() = ".task[$name]"

    val isPolling: Boolean get() = cx != null

    // ------------------------------------------------------------------ the task, on the loop

    fun beginPoll(context: Context) {
        val current = context.waker("coroutine suspended")
        if (current !== waker) { // mostly it is the same one, and a volatile store costs
            waker = current
        }
        cx = context
    }

    fun endPoll() {
        cx = null
    }

    /** The first poll of a flow that was abandoned from the beginning: from now on it runs in polls. */
    fun adopt() {
        segments.compareAndSet(ABANDONED, null)
    }

    /** By the main flow, as the first thing that it does. */
    fun root() {
        isRooted = true
    }

    /** Runs what is ready. */
    fun advance() {
        val ready = take()
        pollLeaf()
        each(ready) {
            coroutines.countResumption()
            run(it)
        }
    }

    private fun pollLeaf() {
        val waiting = leaf ?: return
        if (!waiting.isActive) {
            leaf = null
            waiting.giveUp()
            return
        }
        val context = checkNotNull(cx)
        if (context.tryProceed()) {
            val outcome = waiting.poll(context)
            if (outcome != null) {
                leaf = null // first: the flow may leave another one
                coroutines.countResumption()
                outcome()
            }
        }
    }

    private fun run(segment: Runnable) {
        try {
            segment.run()
        } catch (failure: Throwable) {
            // Those of kotlinx.coroutines throw nothing. A runnable that somebody passed to dispatch() may; it is not
            // this task that fails by it.
            reportUncaught(LoopCoroutines.contextOf(segment), failure)
        }
    }

    /** The coroutine has ended on another thread, or in a turn of another coroutine. Any thread. */
    fun completed() {
        if (!(dispatcher.onLoop() && isPolling)) {
            waker.wake()
        }
    }

    /** Nobody listens any more: what follows wakes nobody. */
    fun silence() {
        waker = Waker.none()
    }

    /** Nobody polls any more: see the class. */
    fun abandon() {
        silence()
        each(segments.getAndSet(ABANDONED)) { coroutines.enqueue(LoopCoroutines.contextOf(it), it) }
        val waiting = leaf
        if (waiting != null) {
            leaf = null
            if (waiting.isActive) waiting.moveOn() else waiting.giveUp()
        }
    }

    // ------------------------------------------------------------------ segments

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        while (true) {
            val there = segments.get()
            if (there === ABANDONED) {
                coroutines.enqueue(context, block)
                return
            }
            if (segments.compareAndSet(there, if (there == null) block else Stack(there, block))) {
                waker.wake()
                return
            }
        }
    }

    private fun take(): Any? {
        while (true) {
            val there = segments.get()
            if (there == null || there === ABANDONED || segments.compareAndSet(there, null)) {
                return there
            }
        }
    }

    private inline fun each(taken: Any?, action: (Runnable) -> Unit) {
        when (taken) {
            is Stack -> taken.toList().forEach(action)
            is Runnable -> action(taken)
        }
    }

    private class Stack(val older: Any, val newest: Runnable) {
        fun toList(): List<Runnable> = generateSequence<Any>(this) { (it as? Stack)?.older }
            .map { if (it is Stack) it.newest else it as Runnable }
            .toList()
            .asReversed()
    }

    // ------------------------------------------------------------------ leaves, in a poll

    suspend fun <T> await(taking: Taking<T>): T {
        try {
            currentCoroutineContext().ensureActive()
        } catch (cancelled: Throwable) {
            taking.giveUp()
            throw cancelled
        }
        val context = checkNotNull(cx)
        if (context.tryProceed()) {
            val poll = context.pollChild(taking.pollable)
            if (poll.isReady) {
                return poll.value()
            }
        }
        return suspendCancellableCoroutine { continuation ->
            if (isFree(continuation)) {
                leaf = AwaitLeaf(this, continuation, taking)
            } else {
                coroutines.await(continuation, taking)
            }
        }
    }

    override fun resumeAt(deadline: Long, continuation: CancellableContinuation<Unit>) {
        if (dispatcher.onLoop() && isPolling && isFree(continuation)) {
            leaf = DelayLeaf(this, continuation, deadline).apply { poll(checkNotNull(cx)) }
        } else {
            resumeByBlock(deadline, continuation)
        }
    }

    /** Through [dispatch]: the segment belongs into a poll, or if there are none any more, into the FIFO. */
    override fun resumeDelayed(continuation: CancellableContinuation<Unit>): Unit = continuation.resume(Unit)

    private fun isFree(continuation: CancellableContinuation<*>): Boolean {
        if (continuation.context[ContinuationInterceptor] !== this) {
            return false
        }
        val waiting = leaf ?: return true
        if (waiting.isActive) {
            return false
        }
        leaf = null
        waiting.giveUp()
        return true
    }

    // ------------------------------------------------------------------ inheritance

    override fun copyForChild(): CopyableThreadContextElement<Unit> = if (isRooted) coroutines.child else this

    override fun <E : CoroutineContext.Element> get(key: CoroutineContext.Key<E>): E? =
        super<ReveilleDispatcher>.get(key)

    override fun minusKey(key: CoroutineContext.Key<*>): CoroutineContext = super<ReveilleDispatcher>.minusKey(key)

    override fun equals(other: Any?): Boolean = this === other

    override fun hashCode(): Int = System.identityHashCode(this)

    private companion object {
        val ABANDONED = Any()
    }
}
