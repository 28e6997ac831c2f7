package dev.reveille.kotlin.examples

import dev.reveille.combine.Select
import dev.reveille.kotlin.Gate
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asPollable
import dev.reveille.kotlin.get
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class DeferredExampleTest {
    private suspend fun askForThePrice(): Int {
        delay(10)
        return 42
    }

    @Test
    fun asPollable() {
        val loop = TestLoop()
        val dispatcher = loop.dispatcher
        val scope = loop.scope
        val oldPrice = Gate<Int>()
        val price: Deferred<Int> = scope.async { askForThePrice() }
        val order = dispatcher.spawn("order", Select.of(price.asPollable(), oldPrice))
        loop.advance(10)
        assertThat(order.get().value()).isEqualTo(42)
    }
}
