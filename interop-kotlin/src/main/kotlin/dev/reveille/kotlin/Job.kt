package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Operation
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.StopSource
import dev.reveille.StopToken
import dev.reveille.Waker
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.Job
import kotlinx.coroutines.suspendCancellableCoroutine
import java.lang.ref.WeakReference
import kotlin.coroutines.Continuation
import kotlin.coroutines.intrinsics.startCoroutineUninterceptedOrReturn

/**
 * Waits for the end of this job, in polls. Each call gives a new one-shot operation.
 *
 * **When ready:** when the job has completed normally, also long before. **When pending:** until the job has ended; a
 * job with children ends after them. **Who wakes it:** the thread in which the job ends. **What it throws:** what the job
 * failed with, as it is, or the [CancellationException][kotlinx.coroutines.CancellationException] of a cancelled one: unlike
 * [Job.join], nothing is lost. **What `cancel` does:** it stops waiting, takes the handler off the job, and leaves the job
 * alone.
 *
 * The first poll starts a job that was made with [LAZY][kotlinx.coroutines.CoroutineStart.LAZY], as `join()` does.
 *
 * ```
 * val upload: Job = scope.launch { send(file) }
 * val receipt = dispatcher.spawn("receipt", Pollables.map(upload.asPollable()) { "sent" })
 * ```
 *
 * May be called by any thread, and polled on any dispatcher. **Memory effects.** What the job did happens-before a poll that
 * is ready.
 *
 * @return a new operation.
 */
public fun Job.asPollable(): Pollable<Unit> = EndOfJob(this) {}

/**
 * A token that is stopped as soon as this job is cancelled or has ended, for tasks that are to stop with it.
 *
 * A stop is polite: it sets a flag and wakes those who asked. A task that is to *end* with a scope, and that the scope is
 * to wait for, is made by [CoroutineScope.spawn][spawn].
 *
 * ```
 * val session = Job()
 * dispatcher.spawnUnder(session.asStopToken(), "pings", pings)
 * session.cancel() // `pings` sees cx.stopToken().isStopped
 * ```
 *
 * **Pitfall: a long-lived job.** Each call registers something small on the job, until the job ends. The token itself, with
 * all that hangs on it, may be dropped at any time. So ask a long-lived job once, and give short-lived tasks
 * `StopSource.childOf(token)`, or [spawnUnder][dev.reveille.Dispatcher.spawnUnder], which forget them when they end.
 *
 * May be called by any thread. It throws nothing. No code of a task runs in the thread that cancels. **Memory effects.**
 * Actions before the cancellation happen-before what follows a stop that was noticed.
 *
 * @return a new token; stopped already if the job is cancelled or has ended.
 */
public fun Job.asStopToken(): StopToken {
    val source = StopSource()
    val target = WeakReference(source) // who waits for the token keeps the source
    onStop { target.get()?.stop() }
    return source.token()
}

/**
 * Calls [action] as soon as this job is cancelled or has ended, perhaps now; in the thread in which that happens.
 *
 * To be told of a cancellation when it begins is internal API of kotlinx.coroutines, except for a continuation that waits
 * in the context of the job. So one does; it is no coroutine, and the job does not wait for it.
 */
private fun Job.onStop(action: () -> Unit) {
    val wait: suspend () -> Unit = { suspendCancellableCoroutine { it.invokeOnCancellation { action() } } }
    try {
        wait.startCoroutineUninterceptedOrReturn(Continuation(this) { })
    } catch (_: CancellationException) {
        // The job was cancelled, or had ended, before; the action has been called.
    }
}

/**
 * Waits for a job without touching it.
 *
 * | field | written by | read by |
 * |---|---|---|
 * | [waker] | loop (volatile), before it looks at the outcome | the thread that ends the job (volatile), after it set [hasEnded]: so either the poll sees the end or the end sees the waker of the poll |
 * | [failure] | the thread that ends the job, before [hasEnded] | loop, after it has read [hasEnded] |
 * | all others | loop | loop |
 */
internal class EndOfJob<T>(private val job: Job, private val value: () -> T) :
    Operation<T>("the end of a job"),
    (Throwable?) -> Unit {
    @Volatile
    private var waker: Waker = Waker.none()

    private var failure: Throwable? = null

    @Volatile
    private var hasEnded = false

    private var registration: DisposableHandle? = null

    override fun doPoll(cx: Context): Poll<T> {
        if (registration == null) {
            job.start()
            registration = job.invokeOnCompletion(this) // calls it here and now if the job has ended
        }
        if (!hasEnded) {
            waker = cx.waker("the end of a job")
            if (!hasEnded) {
                return Poll.pending()
            }
        }
        waker = Waker.none()
        failure?.let { throw it }
        return Poll.ready(value())
    }

    /** The job has ended. Any thread. */
    override fun invoke(cause: Throwable?) {
        failure = cause
        hasEnded = true
        waker.wake()
    }

    /** Another poll, for a reason that is not the job's. Any thread. */
    fun pollAgain() {
        waker.wake()
    }

    override fun doCancel() {
        waker = Waker.none()
        registration?.dispose()
    }
}
