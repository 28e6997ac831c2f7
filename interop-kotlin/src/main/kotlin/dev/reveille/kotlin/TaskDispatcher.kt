@file:OptIn(DelicateCoroutinesApi::class, ExperimentalCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.TaskLocals
import dev.reveille.Waker
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.ThreadContextElement
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater
import kotlin.coroutines.Continuation
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * The dispatcher of the main flow of one coroutine task: its segments wait here until the task is polled.
 *
 * Only the main flow gets here. Its children inherit the [ChildDispatcher] instead, see [InheritedDispatcher].
 *
 * There are four ways by which the flow goes on:
 *
 *  - A segment that anybody dispatches is stored and wakes the task; the next poll runs it. What is stored during a poll
 *    waits for the next one, so that `yield()` is fair. The loop stores one in [own]; foreign threads, and the loop if
 *    there is something already, push it onto [segments].
 *  - `yieldNow()` in a poll leaves its bare continuation in [yielding], and the next poll resumes it: no atomics, nothing
 *    allocated, and neither the interceptor nor the dispatch of kotlinx.coroutines takes part. If nothing else is ready
 *    it does not even suspend, within the limits of [tryYieldInPlace][dev.reveille.Dispatcher.tryYieldInPlace]. What they do beside
 *    dispatching is done here: the job is looked at before and after, and where thread context elements would have to
 *    be installed, it is a `yield()` after all (see [mayYieldInPoll]).
 *  - An await, or a `delay`, that began in a poll is a [Leaf]: the task polls it with its own context, and it resumes
 *    the flow inside that poll. The flow is sequential, so one place for a leaf is enough; should a program contrive to
 *    have two, the second becomes an [AwaitTask].
 *  - After the task has been given up nobody polls, nor before the first poll of a flow that began without one ([adopt]).
 *    [abandon] sends what is there, and all that comes later, to the FIFO of the loop, as segments of an ordinary
 *    coroutine.
 *
 * | field | written by | read by |
 * |---|---|---|
 * | [segments] | any thread, by CAS: push; loop, by CAS or getAndSet: take, abandon | the same; each pairs with the others |
 * | [waker] | loop (volatile), before it takes [segments] | any thread (volatile), after its push: so either the poll sees the segment or the push sees the waker of the poll |
 * | all others | loop, also [own] | loop |
 *
 * What is stored keeps its order: [yielding] is older than [own], and [own] older than [segments], since each of them
 * takes something only while those behind it, and itself, are empty.
 */
internal class TaskDispatcher(
    override val coroutines: LoopCoroutines,
    private val name: String,
    private val isPolledByTheLoop: Boolean,
) : ReveilleDispatcher(),
    InheritedDispatcher {
    /** Segments in the order of their arrival: null, the one that there is, or a [Stack] of several. */
    @Volatile
    private var segments: Any? = null

    @Volatile
    private var waker: Waker = Waker.none()

    /** The context of the current poll, or the last one: most of the time it is the same, and to store it costs. */
    private var cx: Context? = null

    private var polling = false

    /** Whether this poll has asked for the waker. */
    private var hasAsked = false

    /** A segment that the loop itself has dispatched. */
    private var own: Runnable? = null

    /** Where `yieldNow()` has suspended. Left in place between two polls that both yield, since a store costs more. */
    private var yielder: Continuation<Unit>? = null

    /** Whether [yielder] waits for the next poll. */
    private var yielding = false

    /** The last context that [mayYieldInPoll] was asked about, its job, and the answer. */
    private var yieldContext: CoroutineContext? = null
    private var yieldJob: Job? = null
    private var isBare = false

    private var leaf: Leaf? = null

    /** The first coroutine with this dispatcher is the main flow; those that inherit from it are children. */
    private var isRooted = false

    override val view: String get() = ".task[$name]"

    val isPolling: Boolean get() = polling

    val isYielding: Boolean get() = yielding

    // ------------------------------------------------------------------ the task, on the loop

    fun beginPoll(context: Context) {
        polling = true
        // A task that yields has woken itself, so its waker and its reason need not be asked for: endPoll makes up for it
        // if it then waits for something else. Only where the context is that of the loop, which knows of the wake.
        hasAsked = !(yielding && context === waker)
        if (!hasAsked) {
            return
        }
        cx = context
        val current = context.waker(SUSPENDED)
        if (current !== waker) { // mostly it is the same one, and a volatile store costs
            waker = current
        }
    }

    fun endPoll() {
        if (!yielding) {
            if (!hasAsked && leaf == null) { // a leaf has asked, with a reason of its own
                checkNotNull(cx).waker(SUSPENDED)
            }
            yielder = null
            yieldContext = null
            yieldJob = null
        }
        polling = false
    }

    /** The first poll of a flow that was abandoned from the beginning: from now on it runs in polls. */
    fun adopt() {
        SEGMENTS.compareAndSet(this, ABANDONED, null)
    }

    /** By the main flow, as the first thing that it does. */
    fun root() {
        isRooted = true
    }

    /** Runs what is ready. */
    fun advance() {
        val first = own
        val others = take()
        if (first != null) {
            own = null
        }
        if (yielding) {
            yielding = false // first: the flow may yield again
            coroutines.countResumption()
            resumeYielded(checkNotNull(yielder), yieldJob)
        }
        pollLeaf()
        if (first != null) {
            coroutines.countResumption()
            run(first)
        }
        each(others) {
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
        polling = false // it may be in a poll, given up by the flow itself: what that waits for now is not polled
        val others = SEGMENTS.getAndSet(this, ABANDONED) // from now on nothing else is stored
        if (yielding) {
            yielding = false
            val rest = YieldedFlow(checkNotNull(yielder), yieldJob)
            coroutines.enqueue(rest.context, rest)
        }
        own?.let { coroutines.enqueue(LoopCoroutines.contextOf(it), it) }
        own = null
        each(others) { coroutines.enqueue(LoopCoroutines.contextOf(it), it) }
        val waiting = leaf
        if (waiting != null) {
            leaf = null
            if (waiting.isActive) waiting.moveOn() else waiting.giveUp()
        }
    }

    // ------------------------------------------------------------------ segments

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        if (dispatcher.onLoop() && own == null && segments == null) {
            own = block
            waker.wake()
            return
        }
        while (true) {
            val there = segments
            if (there === ABANDONED) {
                coroutines.enqueue(context, block)
                return
            }
            if (SEGMENTS.compareAndSet(this, there, if (there == null) block else Stack(there, block))) {
                waker.wake()
                return
            }
        }
    }

    private fun take(): Any? {
        while (true) {
            val there = segments
            if (there == null || there === ABANDONED || SEGMENTS.compareAndSet(this, there, null)) {
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

    // ------------------------------------------------------------------ yieldNow, in a poll

    /**
     * Whether a coroutine with [context] can yield by [yieldInPoll]: in a poll of this task, with nothing stored that was
     * there before it, and without thread context elements, which only kotlinx.coroutines can handle in all cases. (In
     * debug mode it gives each coroutine such an element, for its name.) Any thread.
     */
    fun mayYieldInPoll(context: CoroutineContext): Boolean {
        if (!dispatcher.onLoop() || !polling || yielding || own != null || segments != null) {
            return false
        }
        if (context !== yieldContext) {
            yieldContext = context
            yieldJob = context[Job]
            isBare = context.fold(true) { bare, it -> bare && (it !is ThreadContextElement<*> || it === this) }
        }
        return isBare
    }

    /** After [mayYieldInPoll], by the same coroutine. */
    suspend fun yieldInPoll(): Unit = suspendCoroutineUninterceptedOrReturn { continuation ->
        yieldJob?.ensureActive()
        if (isPolledByTheLoop && leaf == null && dispatcher.tryYieldInPlace()) {
            return@suspendCoroutineUninterceptedOrReturn Unit
        }
        if (continuation !== yielder) {
            yielder = continuation
        }
        yielding = true
        waker.wake()
        COROUTINE_SUSPENDED
    }

    private fun resumeYielded(flow: Continuation<Unit>, job: Job?) {
        try {
            if (job == null || job.isActive) {
                flow.resume(Unit)
            } else {
                flow.resumeWithException(cancellationOf(job))
            }
        } catch (failure: Throwable) { // see run
            reportUncaught(flow.context, failure)
        }
    }

    private fun cancellationOf(job: Job): Throwable = checkNotNull(runCatching { job.ensureActive() }.exceptionOrNull())

    /** What was left in [yielding] when the task was given up. A continuation, so that its context is known. */
    private inner class YieldedFlow(private val flow: Continuation<Unit>, private val job: Job?) :
        Runnable,
        Continuation<Unit> by flow {
        override fun run(): Unit = resumeYielded(flow, job)
    }

    // ------------------------------------------------------------------ leaves, in a poll

    /** The first poll, with the context of the task. Null if there is no budget for it. */
    fun <T> attempt(pollable: Pollable<T>): Poll<T>? {
        val context = checkNotNull(cx)
        return if (context.tryProceed()) context.pollChild(pollable) else null
    }

    /** After an [attempt] that was not ready. */
    suspend fun <T> await(taking: Taking<T>): T = suspendCancellableCoroutine { continuation ->
        if (isFree(continuation)) {
            leaf = AwaitLeaf(this, continuation, taking)
        } else {
            coroutines.await(continuation, taking)
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

    override val valuesForChild: TaskLocals? get() = TaskLocals.current()

    override fun copyForChild(): InheritedDispatcher = if (isRooted) coroutines.childWith(valuesForChild) else this

    override fun <E : CoroutineContext.Element> get(key: CoroutineContext.Key<E>): E? =
        super<ReveilleDispatcher>.get(key)

    override fun minusKey(key: CoroutineContext.Key<*>): CoroutineContext = super<ReveilleDispatcher>.minusKey(key)

    override fun equals(other: Any?): Boolean = this === other

    override fun hashCode(): Int = System.identityHashCode(this)

    private companion object {
        const val SUSPENDED = "coroutine suspended"
        val ABANDONED = Any()

        /** A field, not an object beside it: where a thousand tasks take turns, each cache line counts. */
        val SEGMENTS: AtomicReferenceFieldUpdater<TaskDispatcher, Any?> =
            AtomicReferenceFieldUpdater.newUpdater(TaskDispatcher::class.java, Any::class.java, "segments")
    }
}
