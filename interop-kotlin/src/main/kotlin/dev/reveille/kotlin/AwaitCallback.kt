package dev.reveille.kotlin

import dev.reveille.Dispatcher
import dev.reveille.Pollable
import dev.reveille.callback.CallOptions
import dev.reveille.callback.Completer

/**
 * Calls a callback API and waits for its callback: the completer that [start] gets is what the callback completes.
 *
 * ```
 * suspend fun Client.connect(address: String): Session =
 *     awaitCallback("connect", onUndelivered = Session::close) { completer ->
 *         val request = connect(address, completer::complete, completer::fail) // calls back on a thread of its own
 *         completer.onCancel(request::abort) // the coroutine was cancelled
 *     }
 * ```
 *
 * It begins at once, inside this call and on the loop, and the coroutine goes on as after an [await]. The callback may come
 * from any thread, before [start] has returned, within other callbacks and under locks: it stores and wakes, and runs
 * none of the coroutine's code.
 *
 * **What `suspendCancellableCoroutine` leaves to its user** and is done here:
 *
 *  - *The first completion wins.* A second one does not throw in the thread of the legacy side: that is told `false`, and it is
 *    reported by [name] with its stack ([MisusePolicy][dev.reveille.callback.MisusePolicy] has it otherwise).
 *  - *Nothing is leaked.* A value that comes after the cancellation, or in the same moment, goes to [onUndelivered].
 *  - *Nothing hangs unseen.* When the legacy side drops its callback, the call fails with
 *    [LostCallbackException][dev.reveille.callback.LostCallbackException]; a time-out on the dispatcher's clock is an
 *    option; and a dump of the dispatcher says that the coroutine waits for [name].
 *  - *One way to fail.* What [start] throws is the failure of the call, unless a completion came before it, which wins.
 *  - *User code stays on the loop:* [start], the cancel action and [onUndelivered], but for the cases that
 *    [CallOptions.onLateValue] names.
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully. Cancellation gives the call up, on the loop: the action of [Completer.onCancel] runs. If the
 * coroutine was cancelled before, the call never begins. With
 * [AWAIT_CALLBACK][dev.reveille.callback.CancelMode.AWAIT_CALLBACK] the coroutine goes on all the same, and the wait for the
 * legacy side's last word is left to a task of the dispatcher.
 *
 * **Pitfall: [Completer.cancelled] is not a cancellation of the coroutine**, but reaches it as a `CancellationException`
 * too. `currentCoroutineContext().ensureActive()` tells them apart.
 *
 * @param name what is waited for, a constant; dumps, messages and counts go by it.
 * @param options time-out, cancel mode and how misuse is met.
 * @param onUndelivered gets each value, except null, that this call does not return: one that comes late, one that nobody
 *   waited for any more, and one that was on its way when another thread cancelled the coroutine, which is the only one
 *   that may come by that thread. It must not block or throw. It takes the place of the disposer in [options], which gets
 *   all these values else. Pass one of the two where a value is a resource.
 * @param start makes the call; must not keep the completer elsewhere than in the callback, or its loss is not found out.
 * @return what the callback brought.
 * @throws java.util.concurrent.TimeoutException if [options] have a time-out, and it is over.
 * @throws dev.reveille.callback.LostCallbackException if the legacy side has dropped the completer.
 * @throws IllegalStateException if the caller is not on the loop of its coroutine's dispatcher, or has none of ours: name
 *   the dispatcher, `awaitCallback(name, on = dispatcher)`.
 * @throws Exception what the completer was failed with, or [start] has thrown.
 */
public suspend fun <T> awaitCallback(
    name: String,
    options: CallOptions<T> = CallOptions.defaults(),
    onUndelivered: ((T) -> Unit)? = null,
    start: (Completer<T>) -> Unit,
): T {
    val dispose = disposer(onUndelivered, options)
    return awaitHere("awaitCallback", call(name, options, dispose, start), true, dispose)
}

/**
 * [awaitCallback] on a given dispatcher, in a coroutine of any dispatcher: there [start] is called and the callback is
 * waited for. On the loop of [on] it is the same as without it; elsewhere the coroutine is resumed through its own
 * dispatcher.
 *
 * ```
 * val answer = withContext(Dispatchers.IO) {
 *     awaitCallback<String>("ask", on = dispatcher) { completer ->
 *         client.ask("how are you?", completer::complete)
 *     }
 * }
 * ```
 *
 * This suspending function is cancellable: if the [Job][kotlinx.coroutines.Job] of the current coroutine is cancelled
 * while this function is waiting, it resumes with [CancellationException][kotlinx.coroutines.CancellationException].
 * There is a **prompt cancellation guarantee**: if the job is cancelled while this function is suspended, it does not
 * resume successfully. Cancellation gives the call up, on the loop and therefore perhaps a little later.
 *
 * **Memory effects.** What precedes the completion happens-before what follows this call.
 *
 * @param name as in [awaitCallback].
 * @param on the dispatcher on whose loop the call is made.
 * @param options as in [awaitCallback].
 * @param onUndelivered as in [awaitCallback]; here the value may also be lost on its way to the coroutine's own dispatcher.
 * @param start as in [awaitCallback].
 * @return what the callback brought.
 * @throws java.util.concurrent.RejectedExecutionException if the dispatcher is closed, or shutting down; the call is not
 *   made.
 * @throws Exception as [awaitCallback].
 */
public suspend fun <T> awaitCallback(
    name: String,
    on: Dispatcher,
    options: CallOptions<T> = CallOptions.defaults(),
    onUndelivered: ((T) -> Unit)? = null,
    start: (Completer<T>) -> Unit,
): T {
    val dispose = disposer(onUndelivered, options)
    return call(name, options, dispose, start).consume(on, dispose)
}

/** Of null there is nothing to dispose, and late values that are null do not get here either. */
private fun <T> disposer(onUndelivered: ((T) -> Unit)?, options: CallOptions<T>): ((T) -> Unit)? {
    val dispose = onUndelivered ?: options.lateValueDisposer()?.let { late -> { value: T -> late.accept(value) } }
    return if (dispose == null) null else { value -> if (value != null) dispose(value) }
}

private fun <T> call(
    name: String,
    options: CallOptions<T>,
    onUndelivered: ((T) -> Unit)?,
    start: (Completer<T>) -> Unit,
): Pollable<T> =
    Completer.pollable(name, if (onUndelivered == null) options else options.onLateValue(onUndelivered), start)
