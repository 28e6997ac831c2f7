package dev.reveille.kotlin

import dev.reveille.sync.Broadcast
import dev.reveille.sync.LaggedException
import dev.reveille.sync.Watch
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test

/** `Watch.asFlow()` and `Broadcast.asFlow()`: flows that can be collected any number of times. */
class WatchBroadcastTest {
    private val loop = TestLoop()
    private val watch = Watch("level", 0)
    private val broadcast = Broadcast<Int>("news", 2)

    @Test
    fun aWatchGivesItsValueAndThenTheNewestChanges() {
        loop.scope.launch {
            watch.asFlow().collect {
                loop.log += "$it"
                delay(10)
            }
            loop.log += "end"
        }
        loop.runUntilStalled()
        watch.set(1)
        watch.set(2)
        loop.advance(10)
        watch.set(2) // equal, and a change
        watch.close()
        loop.advance(20)

        assertThat(loop.log).containsExactly("0", "2", "2", "end")
        assertThat(watch.receivers()).isZero
    }

    @Test
    fun eachCollectionOfAWatchSubscribesForItself() {
        val flow = watch.asFlow().map { it * 10 }
        val job = loop.scope.launch {
            loop.log += "${flow.first()}"
            flow.collect { loop.log += "$it" }
        }
        loop.runUntilStalled()
        assertThat(watch.receivers()).isEqualTo(1)
        job.cancel()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("0", "0")
        assertThat(watch.receivers()).isZero
        assertThatThrownBy { runBlocking { flow.first() } }.hasMessageContaining("use asFlow(on = dispatcher)")
        assertThat(watch.receivers()).isZero
    }

    @Test
    fun aBroadcastGivesWhatIsSentDuringTheCollection() {
        val flow = broadcast.asFlow()
        broadcast.send(0)
        repeat(2) { loop.scope.launch { loop.log += "${flow.toList()}" } }
        loop.runUntilStalled()
        broadcast.send(1)
        broadcast.send(2)
        broadcast.close()
        loop.runUntilStalled()

        assertThat(loop.log).containsExactly("[1, 2]", "[1, 2]")
        assertThat(broadcast.receivers()).isZero
    }

    @Test
    fun aSlowCollectorIsToldWhatItMissed() {
        loop.scope.launch {
            broadcast.asFlow(onLagged = { loop.log += "$it missed" }).collect { loop.log += "$it" }
        }
        loop.scope.launch {
            broadcast.asFlow().catch { loop.log += "fails: ${(it as LaggedException).missed()}" }.collect { }
        }
        loop.runUntilStalled()
        repeat(5) { broadcast.send(it) }
        loop.runUntilStalled()

        assertThat(loop.log).containsExactlyInAnyOrder("3 missed", "3", "4", "fails: 3")
        assertThat(broadcast.receivers()).isEqualTo(1)
        broadcast.close()
        loop.runUntilStalled()
        assertThat(broadcast.receivers()).isZero
        assertThat(broadcast.retained()).isZero
    }
}
