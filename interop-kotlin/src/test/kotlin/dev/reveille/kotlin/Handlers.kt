package dev.reveille.kotlin

import dev.reveille.JoinHandle
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.InternalForInheritanceCoroutinesApi
import kotlinx.coroutines.Job
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicInteger

/** A job that counts the handlers that hang on it. */
@OptIn(InternalForInheritanceCoroutinesApi::class)
internal class CountingJob(private val job: Job) : Job by job {
    val handlers = AtomicInteger()

    override fun invokeOnCompletion(handler: (Throwable?) -> Unit): DisposableHandle =
        counted(handlers, job.invokeOnCompletion(handler))
}

/** A deferred that counts the handlers that hang on it. */
@OptIn(InternalForInheritanceCoroutinesApi::class)
internal class CountingDeferred<T>(private val deferred: Deferred<T>) : Deferred<T> by deferred {
    val handlers = AtomicInteger()

    override fun invokeOnCompletion(handler: (Throwable?) -> Unit): DisposableHandle =
        counted(handlers, deferred.invokeOnCompletion(handler))
}

private fun counted(handlers: AtomicInteger, registration: DisposableHandle): DisposableHandle {
    handlers.incrementAndGet()
    return DisposableHandle {
        handlers.decrementAndGet()
        registration.dispose()
    }
}

/** The result of the task, for a thread that does not run it. */
internal fun <T> JoinHandle<T>.get(): T = toCompletableFuture().get(10, SECONDS)

/** What the task failed with, or its cancellation. */
internal fun JoinHandle<*>.failure(): Throwable {
    val thrown = runCatching { get() }.exceptionOrNull()!!
    // The failure, as the cause; of a cancellation JDK 17 throws the very one, later ones a copy with it as cause.
    return thrown.cause?.takeUnless { thrown is CancellationException && it !is CancellationException } ?: thrown
}
