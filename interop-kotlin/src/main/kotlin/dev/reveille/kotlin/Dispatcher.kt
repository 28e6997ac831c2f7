package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Dispatcher
import dev.reveille.Operation
import dev.reveille.Poll
import dev.reveille.Pollable
import kotlinx.coroutines.CoroutineScope
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * The dispatcher of coroutines that run on this loop: in its one FIFO, on its clock, each segment as it is and without
 * a wrapper. The same instance for the same [Dispatcher] each time.
 *
 * ```
 * val dispatcher = BasicDispatcher()
 * val scope = CoroutineScope(dispatcher.asCoroutineDispatcher())
 * scope.launch {
 *     delay(50) // a timer of the loop: no other thread takes part
 *     println("on ${Thread.currentThread().name}")
 * }
 * dispatcher.runToCompletion()
 * ```
 *
 * May be called from any thread, also when the dispatcher is closed: see [ReveilleDispatcher] for what happens to
 * coroutines then. It throws nothing.
 */
@JvmName("from")
public fun Dispatcher.asCoroutineDispatcher(): ReveilleDispatcher = LoopCoroutines.of(this).queue

/**
 * A coroutine that is polled, as part of a task of this dispatcher.
 *
 * **When ready:** when [block] and all coroutines that it started as children have completed; with the value of
 * [block]. **When pending:** while the coroutine is suspended. **Who wakes it:** whoever resumes the coroutine, from any
 * thread, and whatever an [await] in it waits for. **What it throws:** the failure of the coroutine, as it is; by then
 * its children have been cancelled and have ended. The [kotlin.coroutines.cancellation.CancellationException] of the
 * coroutine's [Job][kotlinx.coroutines.Job] is such a failure. A poll on another dispatcher throws
 * [IllegalStateException]. **What `cancel` does:** it cancels the coroutine's job; what the coroutine still does then,
 * in `finally` say, runs on the loop as ordinary coroutine segments, since nobody polls it any more.
 *
 * **A stop is for the coroutine too.** When the task that polls it is told to stop ([Context.stopToken]), the coroutine's
 * job is cancelled, in the task's next poll, with a `CancellationException` that says so. The polls go on until the
 * coroutine has ended, and then throw that exception. A value that it waited for and that is there in the same poll wins.
 *
 * The coroutine starts in the first poll. Its main flow, that is [block] with all that runs one after the other in it,
 * within `coroutineScope`, `withTimeout`, `withContext(NonCancellable)` and the like, runs *in the polls* of the task:
 *
 *  - an [await] polls in the task's own poll, with the task's own context;
 *  - every other suspension (a `delay`, a channel, a `withContext(Dispatchers.IO)`, a callback) comes back as a wake of
 *    the task, from whichever thread it was resumed.
 *
 * Children (`launch`, `async`) are ordinary coroutines of [asCoroutineDispatcher], each in its own place in the FIFO. So
 * is a block whose dispatcher is named again, as in `withContext(coroutineContext) { }`.
 *
 * ```
 * val greeting: Pollable<String> = dispatcher.pollable("greeting") {
 *     val name = withTimeout(1_000) { connection.readLine().await() }
 *     "Hello $name"
 * }
 * dispatcher.spawn("greeter", greeting)
 * ```
 *
 * @param name the name of the coroutine: its `CoroutineName`, and what messages show.
 * @param context what the coroutine's context has beside its name and its dispatcher; a dispatcher in it is replaced. A
 *   [Job][kotlinx.coroutines.Job] in it becomes the parent.
 * @param block the coroutine.
 * @return a one-shot pollable, to be polled on this dispatcher.
 */
public fun <T> Dispatcher.pollable(
    name: String = "coroutine",
    context: CoroutineContext = EmptyCoroutineContext,
    block: suspend CoroutineScope.() -> T,
): Pollable<T> = CoroutineOperation(this, name, context, block)

private class CoroutineOperation<T>(
    private val dispatcher: Dispatcher,
    name: String,
    context: CoroutineContext,
    block: suspend CoroutineScope.() -> T,
) : Operation<T>(name) {
    private val coroutine = PolledCoroutine(name, Rootless, context, block = block)

    override fun doPoll(cx: Context): Poll<T> {
        check(cx.dispatcher() === dispatcher) {
            "coroutine '${name()}' was made for $dispatcher and polled on ${cx.dispatcher()}, by task '${cx.taskName()}'"
        }
        return coroutine.poll(cx)
    }

    override fun doCancel(): Unit = coroutine.giveUp()
}
