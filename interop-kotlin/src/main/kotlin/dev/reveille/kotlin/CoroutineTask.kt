package dev.reveille.kotlin

import dev.reveille.Complete
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Task
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * A task whose body is a coroutine, to be posted to any dispatcher or polled by a parent.
 *
 * The same as [Dispatcher.pollable][pollable], which tells how the coroutine runs, in the form of a task: it belongs to the
 * dispatcher that it is posted to, and may be posted again after its end, which starts [block] anew. The end of its stay,
 * by `cancel()`, by `JoinHandle.cancel()` or by the close of the dispatcher, cancels the coroutine's job.
 *
 * ```
 * dispatcher.post(
 *     coroutineTask("heartbeat") {
 *         while (true) {
 *             delay(1_000)
 *             send(Ping).await()
 *         }
 *     },
 * )
 * ```
 *
 * The failure of the coroutine is the failure of the task: it goes to who joined the task, or else to the dispatcher's
 * uncaught handler. A coroutine that cancels itself fails with its `CancellationException`. One that ends because the
 * task was told to stop does not fail: the task has completed.
 *
 * @param name the name of the task and of the coroutine.
 * @param context what the coroutine's context has beside its name and its dispatcher; a dispatcher in it is replaced. A
 *   [Job][kotlinx.coroutines.Job] in it becomes the parent.
 * @param block the coroutine.
 * @return a task that is not posted.
 */
public fun coroutineTask(
    name: String = "coroutine",
    context: CoroutineContext = EmptyCoroutineContext,
    block: suspend CoroutineScope.() -> Unit,
): Task = CoroutineTask(name, context, block)

private class CoroutineTask(
    name: String,
    private val context: CoroutineContext,
    private val block: suspend CoroutineScope.() -> Unit,
) : Task(name) {
    private var coroutine: PolledCoroutine<Unit>? = null

    override fun init() {
        coroutine = PolledCoroutine(name(), Rootless, context, isPosted, block)
    }

    override fun doPoll(cx: Context): Poll<Complete> {
        val coroutine = checkNotNull(coroutine)
        try {
            return if (coroutine.poll(cx).isReady) Poll.ready() else Poll.pending()
        } catch (cancelled: CancellationException) {
            if (coroutine.hasStoppedBy(cancelled)) {
                return Poll.ready() // it did as it was told
            }
            throw cancelled
        }
    }

    override fun cleanup() {
        coroutine?.giveUp()
        coroutine = null
    }
}
