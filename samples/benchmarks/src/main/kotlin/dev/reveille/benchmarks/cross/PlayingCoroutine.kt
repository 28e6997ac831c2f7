package dev.reveille.benchmarks.cross

import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.CountDownLatch
import kotlin.coroutines.resume

/** One side of the game as a coroutine, on a dispatcher of its own. */
internal class PlayingCoroutine(game: Game, side: Int, dispatcher: CoroutineDispatcher) : Player(game, side) {
    private lateinit var continuation: CancellableContinuation<Unit>
    private val sleeps = CountDownLatch(1)

    init {
        CoroutineScope(dispatcher + Job()).launch {
            suspendCancellableCoroutine {
                continuation = it
                sleeps.countDown()
            }
            while (true) {
                // The ball is thrown when the continuation for its return is there.
                suspendCancellableCoroutine {
                    continuation = it
                    play()
                }
            }
        }
        sleeps.await()
    }

    override fun wake() = continuation.resume(Unit)
}
