package dev.reveille.kotlin

import dev.reveille.Waker
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.Dispatchers
import java.util.concurrent.atomic.AtomicReference
import kotlin.coroutines.Continuation
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.intrinsics.intercepted
import kotlin.coroutines.resume

/**
 * A continuation that wakes this waker whenever it is resumed: for APIs that want a continuation to tell the end to.
 *
 * A failure wakes too. Since a waker has no place for it, it then goes to the [CoroutineExceptionHandler] of [context] or,
 * if there is none, to the uncaught exception handler of the resuming thread. A [CancellationException] is the regular
 * end of a cancelled coroutine and only wakes.
 *
 * ```
 * val done = AtomicBoolean()
 * val call =
 *     suspend {
 *         legacySuspendingCall()
 *         done.set(true)
 *     }
 * call.startCoroutine(cx.waker("the legacy call").asContinuation(dispatcher.asCoroutineDispatcher()))
 * ```
 *
 * **Threading.** The continuation may be resumed by any thread, also more than once; no code of the task runs inside the
 * resumption. **Memory effects.** Actions before the resumption happen-before the poll that it causes.
 *
 * @param context the context of the continuation: what a coroutine that completes in it runs with.
 */
public fun Waker.asContinuation(context: CoroutineContext = EmptyCoroutineContext): Continuation<Unit> =
    WakingContinuation(this, context)

/**
 * A waker that resumes this continuation once: a latch. The first wake resumes, later ones do nothing and hold nothing.
 *
 * The resumption goes through the dispatcher of the continuation's context, so that no code of the coroutine runs inside
 * `wake()`, also where that dispatcher would resume in place (`Dispatchers.Main.immediate`, say).
 *
 * ```
 * suspend fun awaitEvent(slot: WakerSource): Unit =
 *     suspendCancellableCoroutine { continuation -> slot.onEvent(continuation.asWaker()) }
 * ```
 *
 * The waker owns the resumption: nobody else may resume the continuation. Cancelling it is fine; a wake after that does
 * nothing.
 *
 * **Threading.** The waker may be woken by any thread; it never blocks. **Memory effects.** Actions before the first wake
 * happen-before what follows in the coroutine.
 *
 * @throws IllegalArgumentException if the continuation has no dispatcher or other interceptor, or the one that runs
 *   everything in place, `Dispatchers.Unconfined`.
 */
public fun Continuation<Unit>.asWaker(): Waker {
    val interceptor = context[ContinuationInterceptor]
    require(interceptor != null && interceptor !== Dispatchers.Unconfined) {
        "a waker must not run code inside wake(), and the continuation would be resumed in place: its context " +
            (if (interceptor == null) "has no dispatcher" else "has $interceptor") +
            "; run the coroutine on a dispatcher, with withContext(dispatcher.asCoroutineDispatcher()) for one"
    }
    return ContinuationWaker(this)
}

private class WakingContinuation(private val waker: Waker, override val context: CoroutineContext) :
    Continuation<Unit> {
    override fun resumeWith(result: Result<Unit>) {
        waker.wake() // first: the handler is not ours
        val failure = result.exceptionOrNull()
        if (failure != null && failure !is CancellationException) {
            reportUncaught(context, failure)
        }
    }

    override fun toString(): String = "continuation of $waker"
}

private class ContinuationWaker(continuation: Continuation<Unit>) :
    AtomicReference<Continuation<Unit>?>(continuation),
    Waker {
    /** The getAndSet (volatile) decides who resumes, and lets go of the continuation. */
    override fun wake() {
        val continuation = getAndSet(null) ?: return
        val intercepted = continuation.intercepted() // dispatches, if this is a bare continuation of the compiler's
        val context = continuation.context
        val dispatcher = context[ContinuationInterceptor] as? CoroutineDispatcher
        val dispatches = intercepted !== continuation || continuation is CancellableContinuation
        if (dispatcher == null || (dispatches && dispatcher.isDispatchNeeded(context))) {
            intercepted.resume(Unit)
        } else {
            // It would run in place, or it is of a kind that we do not know and might: a turn of its own.
            dispatcher.dispatch(context) { intercepted.resume(Unit) }
        }
    }

    override fun toString(): String = "waker of ${get() ?: "a resumed continuation"}"

    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** Where a failure goes that nobody waits for: as kotlinx.coroutines does for a failed `launch`. */
internal fun reportUncaught(context: CoroutineContext, failure: Throwable) {
    val handler = context[CoroutineExceptionHandler]
    if (handler != null) {
        handler.handleException(context, failure)
    } else {
        val thread = Thread.currentThread()
        thread.uncaughtExceptionHandler.uncaughtException(thread, failure)
    }
}
