package dev.reveille.kotlin

import kotlinx.coroutines.yield
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.coroutineContext

/**
 * Lets all run that is ready, and goes on from the back of the queue. In the main flow of a coroutine task ([coroutineTask],
 * [pollable]) that is one more poll of the task; in any other coroutine it is [yield]. Where nothing else is ready, a task
 * that the dispatcher itself polls may go on without suspending, for at most as many times as there are polls between two
 * looks of the loop at its clock and at I/O; each of them is counted as a poll.
 *
 * ```
 * for (block in hugeFile.blocks()) {
 *     checksum.update(block)
 *     yieldNow()
 * }
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * before it or while it is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully.
 */
public suspend fun yieldNow() {
    val context = coroutineContext
    val flow = context[ContinuationInterceptor] as? TaskDispatcher
    return if (flow != null && flow.mayYieldInPoll(context)) flow.yieldInPoll() else yield()
}
