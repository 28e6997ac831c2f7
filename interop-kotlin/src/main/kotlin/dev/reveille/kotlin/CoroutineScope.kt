package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Dispatcher
import dev.reveille.JoinHandle
import dev.reveille.Operation
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.WakerSlot
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * A coroutine of this scope whose result is waited for in polls: what `async` is to coroutines, and its child of the scope in
 * the same way. The failure of the coroutine cancels the scope, unless that supervises; the cancellation of the scope
 * cancels the coroutine; the scope does not end before the coroutine has.
 *
 * **When ready:** when [block] and the children of the coroutine have completed; with the value of [block]. **When
 * pending:** until then. **Who wakes it:** whoever resumes the coroutine, or the thread in which it ends. **What it
 * throws:** the failure of the coroutine, as it is; of a cancelled one, or in a scope that is cancelled already, the
 * [CancellationException][kotlinx.coroutines.CancellationException]. **What `cancel` does:** it cancels the coroutine; what
 * that still does in `finally`, it does on its own dispatcher. If the task that polls is told to stop, the coroutine is
 * cancelled too, and the task may wait for its end.
 *
 * **Where it runs.** On the dispatcher of the scope, or the one in [context]:
 *
 *  - If that is [asCoroutineDispatcher] of the dispatcher that polls, the coroutine is one of that loop, and from the
 *    first poll on its main flow runs *in the polls*, as [Dispatcher.pollable][pollable] tells. Until then, and after it was
 *    given up, it is an ordinary coroutine in the FIFO; so it is after an [await] of it was cancelled, until somebody polls
 *    it again.
 *  - If it is any other one, the coroutine runs there, as an ordinary one, and its end comes as a wake. So it is with
 *    [immediate][ReveilleDispatcher.immediate].
 *  - If the scope has none, then on the dispatcher that polls. It begins, and becomes a child of the scope, in the first
 *    poll, whatever [start] is.
 *
 * ```
 * coroutineScope {
 *     val left = pollable("left") { readAll(first) }
 *     val right = pollable("right") { readAll(second) }
 *     Join.all(listOf(left, right)).await().sum() // both at once, in the polls of this very task
 * }
 * ```
 *
 * **Pitfall:** with [LAZY][CoroutineStart.LAZY] the coroutine starts in the first poll. It is a child before, so the scope waits
 * for it for ever if nobody polls it or cancels it, as for a lazy `async`.
 *
 * May be called by any thread; it throws nothing.
 *
 * @param name the name of the coroutine: its `CoroutineName`, and what messages show.
 * @param context what the coroutine's context has beside that of the scope.
 * @param start as of `async`: by default the coroutine starts at once, without waiting for a poll.
 * @param block the coroutine.
 * @return a one-shot pollable.
 */
public fun <T> CoroutineScope.pollable(
    name: String = "coroutine",
    context: CoroutineContext = EmptyCoroutineContext,
    start: CoroutineStart = CoroutineStart.DEFAULT,
    block: suspend CoroutineScope.() -> T,
): Pollable<T> {
    val interceptor = context[ContinuationInterceptor] ?: coroutineContext[ContinuationInterceptor]
    if (interceptor == null) {
        return WhereItIsPolled(name, PolledCoroutine(name, this, context, block = block))
    }
    if (interceptor is ReveilleDispatcher && interceptor !is ImmediateDispatcher) {
        val coroutine = PolledCoroutine(name, this, context, block = block)
        return OfTheScope(name, interceptor.dispatcher, coroutine, coroutine.make(interceptor.coroutines, start))
    }
    return OfTheScope(name, null, null, async(context + CoroutineName(name), start, block))
}

/**
 * Spawns a pollable as a task that belongs to this scope: a child of it, as a `launch` is.
 *
 *  - A cancelled scope stops its tasks: the cancellation of the scope cancels the task, at once and from any thread, as
 *    [JoinHandle.cancel] does, and by that stops its token. In a scope that is cancelled already nothing is polled.
 *  - A task that fails is a child that fails: it cancels the scope or, if that supervises, goes to its
 *    [CoroutineExceptionHandler][kotlinx.coroutines.CoroutineExceptionHandler]. Those who joined the handle get the
 *    failure as well. A task that is cancelled, by its handle say, or refused by its dispatcher, is no failure.
 *  - The scope does not end before the task has. (One that had ended before can not wait; its task is cancelled.)
 *
 * ```
 * coroutineScope {
 *     for (connection in connections) {
 *         spawn("connection", connection.serve())
 *     }
 * } // all have been served; or one has failed, and the others are cancelled and have ended
 * ```
 *
 * May be called by any thread. **Memory effects.** Actions before the call happen-before the first poll, and what the task
 * did happens-before the end of the scope.
 *
 * @param name the name of the task and of the child.
 * @param pollable what to poll; the dispatcher becomes its owner.
 * @param on the dispatcher of the task, by default that of the scope.
 * @return the handle, as of [Dispatcher.spawn]; dropping it does not detach the task from the scope.
 * @throws IllegalArgumentException if the scope's dispatcher is none of ours and [on] was not given.
 */
public fun <T> CoroutineScope.spawn(name: String, pollable: Pollable<T>, on: Dispatcher? = null): JoinHandle<T> {
    val interceptor = coroutineContext[ContinuationInterceptor]
    val dispatcher = on ?: (interceptor as? ReveilleDispatcher)?.dispatcher
    requireNotNull(dispatcher) {
        "the task '$name' needs a dispatcher to run on, and the scope has " +
            "${if (interceptor == null) "none" else "$interceptor"}; use spawn(name, pollable, on = dispatcher)"
    }
    if (dispatcher.onLoop()) {
        return dispatcher.spawn(name, pollable).also { it.follow(coroutineContext) }
    }
    // Else the task might have run, and ended, before it is a child of the scope.
    val held = Held(pollable)
    return dispatcher.spawn(name, held).also {
        it.follow(coroutineContext)
        held.release()
    }
}

/** A scope without a dispatcher. */
private class WhereItIsPolled<T>(name: String, private val coroutine: PolledCoroutine<T>) :
    Operation<T>(name),
    ChildOfScope {
    override fun doPoll(cx: Context): Poll<T> = coroutine.poll(cx)

    override fun leave() {
        if (!isFinished) {
            coroutine.leave()
        }
    }

    override fun doCancel(): Unit = coroutine.giveUp()
}

/**
 * A coroutine that exists: either polled, or only waited for. The first poll decides.
 *
 * @param home where the coroutine can be polled, if anywhere.
 */
private class OfTheScope<T>(
    name: String,
    private val home: Dispatcher?,
    private val coroutine: PolledCoroutine<T>?,
    private val running: Deferred<T>,
) : Operation<T>(name),
    ChildOfScope {
    private var isPolled = false
    private var elsewhere: Elsewhere<T>? = null

    override fun doPoll(cx: Context): Poll<T> {
        val isHome = cx.dispatcher() === home
        if (coroutine != null && isHome && elsewhere == null) {
            isPolled = true
            return coroutine.poll(cx)
        }
        check(!isPolled) {
            "coroutine '${name()}' has been polled on $home; it can not be polled on ${cx.dispatcher()}, " +
                "by task '${cx.taskName()}'"
        }
        return (elsewhere ?: Elsewhere(name(), running).also { elsewhere = it }).poll(cx)
    }

    override fun leave() {
        if (isPolled && !isFinished) {
            coroutine?.leave()
        }
    }

    override fun doCancel() {
        val waiting = elsewhere
        when {
            waiting != null -> waiting.cancel()
            coroutine != null -> coroutine.giveUp()
            else -> running.cancel(givenUp("coroutine '${name()}'"))
        }
    }
}

/** Waits for a coroutine that runs on another dispatcher. */
private class Elsewhere<T>(name: String, private val running: Deferred<T>) : Operation<T>(name) {
    private val end = endOf(running)
    private val stop = StopWatch("coroutine '$name'", end::pollAgain)
    private var hasBegun = false

    override fun doPoll(cx: Context): Poll<T> {
        if (!hasBegun) {
            hasBegun = true
            stop.cancelBefore(cx, running)
        }
        val poll =
            try {
                end.poll(cx)
            } catch (failure: Throwable) {
                stop.forget()
                throw failure
            }
        if (poll.isPending) {
            stop.watch(cx, running)
        } else {
            stop.forget()
        }
        return poll
    }

    override fun doCancel() {
        stop.forget()
        end.cancel()
        running.cancel(givenUp("coroutine '${name()}'"))
    }
}

/**
 * Is not polled before it is released.
 *
 * [isReleased] is written by the spawning thread (volatile), before the wake, and read by the poll (volatile), after it
 * has registered.
 */
private class Held<T>(private val inner: Pollable<T>) : Pollable<T> {
    private val slot = WakerSlot()

    @Volatile
    private var isReleased = false

    override fun poll(cx: Context): Poll<T> {
        if (!isReleased) {
            slot.register(cx, "becoming a child of the scope")
            if (!isReleased) {
                return Poll.pending()
            }
        }
        return inner.poll(cx)
    }

    override fun cancel(): Unit = inner.cancel()

    fun release() {
        isReleased = true
        slot.wake()
    }

    override fun toString(): String = inner.toString()
}
