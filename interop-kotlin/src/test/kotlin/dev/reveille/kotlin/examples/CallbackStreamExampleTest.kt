package dev.reveille.kotlin.examples

import dev.reveille.callback.Overflow
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.callbackStream
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread

private typealias Price = Int

private class Feed {
    fun interface Listener {
        fun onPrice(price: Price)
    }

    val listeners = CopyOnWriteArrayList<Listener>()

    @Suppress("UNUSED_PARAMETER")
    fun addListener(share: String, listener: Listener) {
        listeners += listener
    }

    @Suppress("UNUSED_PARAMETER")
    fun removeListener(share: String, listener: Listener) {
        listeners -= listener
    }
}

private fun Feed.prices(share: String): Flow<Price> = callbackStream("prices", Overflow.dropOldest(100)) { emitter ->
    val listener = Feed.Listener { price -> emitter.next(price) } // comes on threads of the feed
    addListener(share, listener)
    AutoCloseable { removeListener(share, listener) }
}

class CallbackStreamExampleTest {
    @Test
    fun callbackStreamExample() {
        val loop = TestLoop()
        val feed = Feed()
        val job = loop.scope.launch { feed.prices("ACME").collect { loop.log += "$it" } }
        loop.runUntilStalled()
        thread { feed.listeners.forEach { it.onPrice(17) } }.join()
        loop.runUntilStalled()
        job.cancel()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("17")
        assertThat(feed.listeners).isEmpty()
    }
}
