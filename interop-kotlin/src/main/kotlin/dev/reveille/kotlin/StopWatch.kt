package dev.reveille.kotlin

import dev.reveille.Complete
import dev.reveille.Context
import dev.reveille.Pollable
import dev.reveille.StopToken
import dev.reveille.Waker
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Job

/**
 * Cancels a coroutine when the task that polls it is told to stop.
 *
 * The stop only sets a flag and wakes, as stops do. The cancellation, which runs code of others, is made at the end of the
 * poll that follows, so that a value that is there in this poll wins. A coroutine that completes in its first poll costs no
 * registration; later polls look at the flag.
 *
 * On the loop only, but for [wake], which is called by the one who stops.
 *
 * @param wakeTask lets the task be polled again.
 */
internal class StopWatch(private val coroutine: String, private val wakeTask: () -> Unit) : Waker {
    private var request: Pollable<Complete>? = null

    /** Whose stop [request] waits for: the polls may go on in another task. */
    private var token: StopToken? = null

    /** Volatile: set by the one who stops, before it wakes; read by the poll that follows. */
    @Volatile
    private var isStopped = false

    /** The first poll after the stop ran out of budget, and the value may be there. */
    private var isPutOff = false

    /** What the coroutine was cancelled with, if it was by this. */
    var cause: CancellationException? = null
        private set

    /** Before a coroutine begins in the first poll: after a stop it does not. */
    fun checkBefore(cx: Context) {
        if (cx.stopToken().isStopped) {
            throw newCause(cx)
        }
    }

    /** [checkBefore], of a coroutine that exists and may have begun. */
    fun cancelBefore(cx: Context, running: Job) {
        if (cx.stopToken().isStopped) {
            running.cancel(newCause(cx))
        }
    }

    /** At the end of each poll that is pending. Returns whether it has cancelled the coroutine just now. */
    fun watch(cx: Context, running: Job): Boolean {
        val token = cx.stopToken()
        if (token !== this.token) {
            request?.cancel()
            val request = token.stopped()
            this.request = request
            this.token = token
            // This stands for the task, whatever waker it will have; and the reason why it waits remains another one.
            if (request.poll(cx.withWaker(this)).isReady) {
                isStopped = true // by the coroutine itself
            }
        }
        // What was set by the end of a task that polled before is not meant for this one.
        if (!isStopped || !token.isStopped || cause != null) {
            return false
        }
        if (cx.isBudgetSpent && !isPutOff) {
            isPutOff = true
            wakeTask() // another child of the task may have spent it, and then only that one would be polled
            return false
        }
        running.cancel(newCause(cx))
        return true
    }

    private fun newCause(cx: Context) =
        CancellationException("$coroutine was told to stop, with task '${cx.taskName()}'").also { cause = it }

    /** The coroutine has ended, or nobody polls it any more. */
    fun forget() {
        request?.cancel()
        request = null
        token = null
    }

    override fun wake() {
        isStopped = true
        wakeTask()
    }

    override fun toString(): String = "stop of $coroutine"
}
