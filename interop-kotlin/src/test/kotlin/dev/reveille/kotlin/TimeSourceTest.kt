package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.DispatcherOptions
import dev.reveille.Ticker
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import java.util.concurrent.atomic.AtomicLong
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

class TimeSourceTest {
    private val loop = TestLoop()
    private val source = loop.dispatcher.timeSource

    /** A dispatcher whose ticker reads what the test says. */
    private fun on(reading: AtomicLong) =
        BasicDispatcher(DispatcherOptions.defaults().withTicker(Ticker { reading.get() }))

    @Test
    fun mockTimeMovesIt() {
        val mark = source.markNow()
        assertThat(mark.elapsedNow()).isEqualTo(Duration.ZERO)
        loop.advance(1500)
        assertThat(mark.elapsedNow()).isEqualTo(1.5.seconds)
        assertThat((mark + 2.seconds).hasPassedNow()).isFalse()
        assertThat((mark + 1.seconds).hasPassedNow()).isTrue()
    }

    @Test
    fun itCountsNanoseconds() {
        val mark = source.markNow()
        loop.time.advance(java.time.Duration.ofNanos(1))
        assertThat(mark.elapsedNow()).isEqualTo(1.nanoseconds)
    }

    @Test
    fun aDelayTakesByItWhatItTakes() {
        loop.scope.launch {
            val mark = loop.dispatcher.timeSource.markNow()
            sleep(3.hours + 7.nanoseconds)
            loop.log += "${mark.elapsedNow()}"
        }
        loop.advance(4 * 3_600_000)
        assertThat(loop.log).containsExactly("3h 0m 0.000000007s")
    }

    @Test
    fun itIsTheSameForTheSameDispatcherAndAnotherForAnotherOne() {
        assertThat(loop.dispatcher.timeSource).isSameAs(source)
        assertThat(TestLoop().dispatcher.timeSource).isNotEqualTo(source)
        assertThat("$source").isEqualTo("timeSource of dispatcher 'loop'")
    }

    @Test
    fun marksOfOneDispatcherAreComparable() {
        val first = source.markNow()
        val same = loop.dispatcher.timeSource.markNow()
        loop.advance(1)
        val later = source.markNow()

        assertThat(first).isEqualTo(same).hasSameHashCodeAs(same)
        assertThat(first < later).isTrue()
        assertThat(later - first).isEqualTo(1.milliseconds)
        assertThat(first + 1.milliseconds).isEqualTo(later)
    }

    @Test
    fun marksOfTwoDispatchersAreNotAlsoOnOneTicker() {
        val other = BasicDispatcher(DispatcherOptions.defaults().withTicker(loop.time))
        assertThat(other.timeSource.markNow()).isNotEqualTo(source.markNow())
        assertThatThrownBy { source.markNow() - other.timeSource.markNow() }
            .isInstanceOf(IllegalArgumentException::class.java)
            .hasMessageContaining("different time sources")
    }

    @Test
    fun aTickerMayReadAnythingAndComeRound() {
        for (start in listOf(Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 5, -1L)) {
            val reading = AtomicLong(start)
            val dispatcher = on(reading)
            val before = dispatcher.timeSource.markNow()
            reading.addAndGet(10) // comes round, for some
            assertThat(before.elapsedNow()).isEqualTo(10.nanoseconds)
            assertThat(dispatcher.timeSource.markNow() - before).isEqualTo(10.nanoseconds)
        }
    }

    @Test
    fun marksTooFarAwayAreInfinitelyFar() {
        val mark = source.markNow()
        val never = mark + Duration.INFINITE
        assertThat(never.hasPassedNow()).isFalse()
        assertThat(never - mark).isEqualTo(Duration.INFINITE)
        assertThat(mark - Duration.INFINITE < mark).isTrue()
        assertThat((mark + (365_000).days) - mark).isGreaterThan((100 * 365).days)
    }

    @Test
    fun theReadingOfEachMarkIsKnown() {
        val reading = AtomicLong(1_000)
        val dispatcher = on(reading)
        reading.set(1_500) // the source is made now
        val timeSource = LoopTimeSource.of(dispatcher)
        reading.set(2_000)
        val mark = timeSource.markNow()

        assertThat(timeSource.readingAt(mark)).isEqualTo(2_000)
        assertThat(timeSource.readingAt(mark + 7.nanoseconds)).isEqualTo(2_007)
        assertThat(timeSource.readingAt(mark - 1.seconds)).isEqualTo(2_000 - 1_000_000_000)
        assertThat(timeSource.readingAt(mark + Duration.INFINITE)).isEqualTo(Long.MAX_VALUE)
    }

    @Test
    fun itCanBeReadWhenTheDispatcherIsClosed() {
        val mark = source.markNow()
        loop.dispatcher.close()
        assertThat(loop.dispatcher.timeSource.markNow() - mark).isEqualTo(Duration.ZERO)
    }
}
