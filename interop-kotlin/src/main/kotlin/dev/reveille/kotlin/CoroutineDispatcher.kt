package dev.reveille.kotlin

import dev.reveille.spi.Host
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainCoroutineDispatcher
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.CoroutineContext

private const val NANOS_PER_MILLI = 1_000_000L

/**
 * This dispatcher as a place where a loop of ours lives: tasks, callbacks and coroutines of a
 * [HostedDispatcher][dev.reveille.spi.HostedDispatcher] run in dispatched blocks of it, between what else it has to do.
 *
 * ```
 * val dispatcher = HostedDispatcher.on(Dispatchers.Default.asHost())
 * val greeting = dispatcher.spawn("a task") { Poll.ready("run by ${Thread.currentThread().name}") }
 * println(greeting.toCompletableFuture().get())
 * ```
 *
 * Any dispatcher that queues will do, with one thread or with many: one drain runs at a time, and each sees what the one
 * before wrote. Its `delay` is the alarm clock of the loop. That has milliseconds, and is rounded up, so that timers are
 * never early. A dispatcher that runs blocks in place, as `Dispatchers.Unconfined` does, is refused by
 * `HostedDispatcher.on`. If this dispatcher is closed, the hosted one is closed too, when it is needed next; if that
 * is for a timer, what is due then still runs, on `Dispatchers.IO`.
 *
 * For a test on virtual time there is [hostDispatcher][dev.reveille.kotlin.test.hostDispatcher].
 *
 * **Pitfall: a close that waits for itself.** A dispatcher does not tell which threads are its own. Only a dispatcher that
 * can, as `Dispatchers.Main` with its `immediate`, lets its own code close what it hosts; other code of a dispatcher with
 * a single thread must not call `close()` or `shutdownNow()`, which wait for a block of that very thread.
 *
 * **Threading.** May be called from any thread. It throws nothing.
 *
 * @return a new host, for one dispatcher.
 */
public fun CoroutineDispatcher.asHost(): Host = CoroutineHost(this)

/**
 * A coroutine dispatcher as a host.
 *
 * Drains are bare blocks and not coroutines: nothing is allocated but what the dispatcher needs. They carry a context with
 * a [Job] in it, because that is how dispatchers report a rejection: they cancel it, and run the block elsewhere.
 */
internal open class CoroutineHost(private val dispatcher: CoroutineDispatcher) : Host {
    private val scope = CoroutineScope(dispatcher + Job())
    private val context: CoroutineContext get() = scope.coroutineContext

    /** By one thread at a time: see [Host.wakeAfter]. */
    private var wakeup: Job? = null

    /** By [end]. Volatile: read by those who wake what is closed by then. */
    @Volatile
    private var hasEnded = false

    /** In a drain now. Volatile: compared by threads with themselves. */
    @Volatile
    private var running: Thread? = null

    /** In [wakeAfter] now. Volatile: as [running]. */
    @Volatile
    private var arming: Thread? = null

    final override fun execute(drain: Runnable) {
        dispatcher.dispatch(context) { run(drain) }
        checkAccepts()
    }

    final override fun wakeAfter(nanos: Long, drain: Runnable) {
        wakeup?.cancel(null) // cancel() is compiled to a call that 1.9 and 1.10 do not have
        wakeup = null
        checkAccepts()
        if (nanos == Long.MAX_VALUE) {
            return
        }
        val millis = (nanos - 1) / NANOS_PER_MILLI + 1 // an early one would only be asked for again
        arming = Thread.currentThread()
        wakeup = // undispatched, so that the time runs from now on
            scope.launch(start = CoroutineStart.UNDISPATCHED) {
                try {
                    delay(millis)
                    if (arming === Thread.currentThread()) {
                        yield() // the time was over before delay() suspended, and this is still wakeAfter()
                    }
                } catch (cancelled: CancellationException) {
                    if (generateSequence<Throwable>(cancelled) { it.cause }.any { it is RejectedExecutionException }) {
                        closed(drain)
                    }
                    throw cancelled
                }
                run(drain)
            }
        arming = null
        checkAccepts()
    }

    private fun checkAccepts() {
        if (!scope.isActive && !hasEnded) {
            throw RejectedExecutionException("$dispatcher takes no more")
        }
    }

    protected open fun run(drain: Runnable) {
        if (!scope.isActive) {
            return // we run on Dispatchers.IO, where nobody asked for us: execute() has thrown, or will
        }
        running = Thread.currentThread()
        try {
            drain.run()
        } finally {
            running = null
        }
    }

    /**
     * The time is over, and the dispatcher closed: it has resumed us elsewhere, on Dispatchers.IO. If nobody drained, the
     * timers would wait for ever. What the drain asks for next is rejected, and that ends the hosted dispatcher.
     */
    private fun closed(drain: Runnable) {
        scope.cancel()
        running = Thread.currentThread()
        try {
            drain.run()
        } finally {
            running = null
        }
    }

    override fun inHost(): Boolean {
        if (running === Thread.currentThread()) {
            return true
        }
        val main = dispatcher as? MainCoroutineDispatcher
        return !(main?.immediate ?: dispatcher).isDispatchNeeded(context)
    }

    /** The dispatcher is closed: what a late wake still asks for comes to nothing. */
    fun end() {
        hasEnded = true
        scope.cancel()
    }

    override fun toString(): String = "CoroutineHost[$dispatcher]"
}
