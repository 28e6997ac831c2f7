package dev.reveille.kotlin

import dev.reveille.Dispatcher
import dev.reveille.Ticker
import kotlin.time.AbstractLongTimeSource
import kotlin.time.ComparableTimeMark
import kotlin.time.DurationUnit
import kotlin.time.TimeSource

/**
 * The clock of this dispatcher as a time source: its [ticker][Dispatcher.ticker], in nanoseconds, so that mock time moves
 * it. The same instance for the same dispatcher each time.
 *
 * What a `delay` or a [sleep] waits for is measured by it, also in a test: after `sleep(d)` at least `d` has elapsed.
 *
 * ```
 * val start = dispatcher.timeSource.markNow()
 * connection.write(request).await()
 * log += "written in ${start.elapsedNow()}"
 * ```
 *
 * The marks of one dispatcher can be compared with each other and subtracted; a mark of another one is refused with
 * [IllegalArgumentException], also if both dispatchers share a ticker. [sleepUntil] takes a mark as its deadline.
 *
 * The reading is the ticker's, not the loop's last one: on the system clock it costs some 25 ns. For the time of the turn,
 * which costs nothing, there is `Context.now()`.
 *
 * **Threading.** Any thread, also when the dispatcher is closed.
 */
public val Dispatcher.timeSource: TimeSource.WithComparableMarks
    get() = LoopTimeSource.of(this)

/**
 * The first reading of the base class, made when it is needed, is its origin: marks are differences from it, and so may
 * be as far from zero as a ticker's readings are. Two instances would have two origins, and could not compare their
 * marks: therefore there is one for a dispatcher, a service.
 *
 * Here the origin is read at once, and so the reading of each mark is known: see [readingAt].
 */
internal class LoopTimeSource private constructor(dispatcher: Dispatcher) :
    AbstractLongTimeSource(DurationUnit.NANOSECONDS) {
    private val ticker: Ticker = dispatcher.ticker()
    private val name: String = dispatcher.name()
    private val origin: Long = ticker.read()
    private val atOrigin: ComparableTimeMark

    /** Final after the constructor. */
    private var isRunning = false

    init {
        atOrigin = markNow() // reads the origin twice: for the base class, and for the mark
        isRunning = true
    }

    override fun read(): Long = if (isRunning) ticker.read() else origin

    /**
     * What the ticker reads at a mark; saturated, so that a mark too far away is never, or ever.
     *
     * @throws IllegalArgumentException if it is a mark of another time source.
     */
    fun readingAt(mark: ComparableTimeMark): Long =
        // A huge Duration is coarser than a nanosecond, but then the sum is out of range anyway, or 146 years away.
        plusSaturated(origin, (mark - atOrigin).inWholeNanoseconds)

    override fun toString(): String = "timeSource of dispatcher '$name'"

    companion object {
        fun of(dispatcher: Dispatcher): LoopTimeSource =
            dispatcher.service(LoopTimeSource::class.java) { LoopTimeSource(it) }
    }
}

/** The sum, or the end of the range that lies in its direction: [Long.MAX_VALUE] is never. */
internal fun plusSaturated(reading: Long, nanos: Long): Long {
    val sum = reading + nanos
    val overflows = (reading xor sum) and (nanos xor sum) < 0
    return if (!overflows) {
        sum
    } else if (nanos < 0) {
        Long.MIN_VALUE
    } else {
        Long.MAX_VALUE
    }
}
