package dev.reveille.benchmarks.spawn

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** Coroutines that do something small, in five lambdas, as the work of the others is in five classes. */
internal object CoroutineSpawns {
    /** From the loop of `runBlocking`, on it. */
    @JvmStatic
    fun inRunBlocking(spawned: Int): Long {
        val batch = Batch()
        runBlocking {
            repeat(spawned) { start(batch, it) }
        }
        return batch.sum
    }

    private fun CoroutineScope.start(batch: Batch, key: Int): Job = when (key % 5) {
        0 -> launch { batch.sum += key }
        1 -> launch { batch.sum = batch.sum xor key.toLong() }
        2 -> launch { batch.sum = batch.sum.rotateLeft(7) + key }
        3 -> launch { batch.sum -= key }
        else -> launch { batch.sum = batch.sum * 31 + key }
    }
}
