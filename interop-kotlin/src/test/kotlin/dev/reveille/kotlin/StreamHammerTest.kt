package dev.reveille.kotlin

import dev.reveille.BasicDispatcher
import dev.reveille.sync.Channel
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import kotlin.random.Random
import kotlinx.coroutines.channels.Channel as KotlinChannel

/**
 * Foreign threads send and receive, and cancel at random: each value ends in one place, received or reported, and those of
 * one sender in their order; nothing is left waiting.
 */
class StreamHammerTest {
    private val random = Random(SEED)
    private val dispatcher = BasicDispatcher()
    private val onLoop = CoroutineScope(dispatcher.asCoroutineDispatcher() + SupervisorJob())
    private val driver = Thread({ dispatcher.run() }, "loop").apply { start() }
    private val received = ConcurrentLinkedQueue<Int>()
    private val undelivered = ConcurrentLinkedQueue<Int>()
    private val lost: (Int) -> Unit = { undelivered += it }

    @AfterEach
    fun close() {
        dispatcher.shutdownNow()
        driver.join(5_000)
    }

    private fun spin() {
        val rounds = random.nextInt(2_000)
        repeat(rounds) { Thread.onSpinWait() }
    }

    /** Nothing is lost, nothing is there twice, and nothing that was received has overtaken another. */
    private fun assertEachOnceInOrder(sent: Int) {
        val seen = received + undelivered
        val missing = (1..sent) - seen.toSet()
        val twice = seen.groupingBy { it }.eachCount().filterValues { it > 1 }.keys
        val overtaken = received.zipWithNext().filter { (a, b) -> a >= b }
        assertThat(listOf(missing, twice, overtaken))
            .describedAs("lost, there twice, overtaken, of $sent, with seed $SEED")
            .allMatch { it.isEmpty() }
    }

    /** Waits until the loop has done what it was asked for before. */
    private fun settle() = repeat(2) { dispatcher.runSync { } }

    // ------------------------------------------------------------------ PollStream.asFlow

    @Test
    fun flowsThatAreCancelledByOtherThreadsLoseNothing() = collectAndCancel { channel, lost ->
        onLoop.launch { channel.newReceiver().asStream().asFlow(onUndelivered = lost).collect { received += it } }
    }

    @Test
    fun flowsInCoroutineTasksLoseNothing() = collectAndCancel { channel, lost ->
        val job = Job()
        val task = coroutineTask("collector", job) {
            channel.newReceiver().asStream().asFlow(onUndelivered = lost).collect { received += it }
        }
        dispatcher.spawn(task).toCompletableFuture().whenComplete { _, _ -> job.complete() }
        job
    }

    @Test
    fun flowsThatAreCollectedElsewhereLoseNothing() = collectAndCancel { channel, lost ->
        CoroutineScope(Dispatchers.Default).launch {
            channel.newReceiver().asStream().asFlow(dispatcher, lost).collect { received += it }
        }
    }

    private fun collectAndCancel(collector: (Channel<Int>, (Int) -> Unit) -> Job) {
        val channel = Channel.bounded<Int>(4).onUndelivered(lost)
        val keeper = channel.newReceiver() // so that the channel outlives its collectors
        val sender = channel.newSender()
        val feeder = Thread { for (i in 1..VALUES) sender.blockingSend(i) }.apply { start() }
        runBlocking {
            withTimeout(30_000) {
                while (feeder.isAlive) {
                    val job = collector(channel, lost)
                    spin()
                    job.cancelAndJoin()
                }
            }
        }
        settle()
        assertThat(channel.waitingReceivers()).isZero
        generateSequence { channel.tryReceive() }.forEach { received += it }
        keeper.close()
        assertEachOnceInOrder(VALUES)
    }

    // ------------------------------------------------------------------ awaitReceive, awaitSend

    @Test
    fun cancelledReceivesPassOnWhatTheyWereGiven() = collectAndCancel { channel, lost ->
        onLoop.launch { while (true) received += channel.awaitReceive(onUndelivered = lost) ?: break }
    }

    @Test
    fun cancelledSendsSayWhetherTheyWent() {
        val channel = Channel.rendezvous<Int>()
        val receiver = channel.newReceiver()
        val reader = Thread {
            while (true) received += receiver.blockingReceive() ?: break
        }.apply { start() }
        val sent = AtomicInteger()
        runBlocking {
            withTimeout(30_000) {
                repeat(VALUES / 4) {
                    val where = if (random.nextBoolean()) onLoop else CoroutineScope(Dispatchers.Default)
                    val job = where.launch {
                        while (true) channel.awaitSend(sent.incrementAndGet(), dispatcher, lost)
                    }
                    spin()
                    job.cancelAndJoin()
                }
            }
        }
        settle()
        assertThat(channel.waitingSenders()).isZero
        channel.close()
        reader.join(5_000)
        assertEachOnceInOrder(sent.get())
    }

    // ------------------------------------------------------------------ Kotlin channels

    @Test
    fun asReceiveChannelLosesNothing() {
        val channel = Channel.bounded<Int>(4).onUndelivered(lost)
        val sender = channel.newSender()
        val keeper = channel.newReceiver()
        val feeder = Thread { for (i in 1..VALUES) sender.blockingSend(i) }.apply { start() }
        runBlocking {
            withTimeout(30_000) {
                while (feeder.isAlive) {
                    val kotlin = channel.newReceiver().asReceiveChannel(onLoop, onUndelivered = lost)
                    val reader = launch(Dispatchers.Default) { receiveAll(kotlin) }
                    spin()
                    kotlin.cancel()
                    reader.join()
                    onLoop.coroutineContext[Job]!!.children.toList().joinAll()
                }
            }
        }
        settle()
        assertThat(channel.waitingReceivers()).isZero
        generateSequence { channel.tryReceive() }.forEach { received += it }
        keeper.close()
        assertEachOnceInOrder(VALUES)
    }

    private suspend fun receiveAll(channel: ReceiveChannel<Int>) {
        while (true) {
            received += channel.receiveCatching().getOrNull() ?: return
        }
    }

    @Test
    fun asSendChannelLosesNothing() {
        val channel = Channel.bounded<Int>(2).onUndelivered(lost)
        val keeper = channel.newSender()
        val receiver = channel.newReceiver()
        val reader = Thread { while (true) received += receiver.blockingReceive() ?: break }.apply { start() }
        var accepted = 0
        runBlocking {
            withTimeout(30_000) {
                repeat(VALUES / 16) {
                    val scope = CoroutineScope(onLoop.coroutineContext + Job())
                    val kotlin: SendChannel<Int> = channel.newSender().asSendChannel(scope, onUndelivered = lost)
                    val first = accepted + 1
                    val feeder = launch(Dispatchers.Default) {
                        for (i in first until first + 16) {
                            accepted = i
                            kotlin.send(i) // one that is refused is reported, too
                        }
                        kotlin.close()
                    }
                    spin()
                    if (random.nextBoolean()) scope.cancel()
                    feeder.join()
                    scope.coroutineContext[Job]!!.children.toList().joinAll()
                }
            }
        }
        keeper.close()
        reader.join(5_000)
        assertEachOnceInOrder(accepted)
    }

    @Test
    fun streamsOfKotlinChannelsLoseNothing() {
        val left = ConcurrentLinkedQueue<Int>()
        var sent = 0
        runBlocking {
            withTimeout(30_000) {
                repeat(VALUES / 16) {
                    val channel = KotlinChannel<Int>(random.nextInt(3)) { left += it }
                    val handle = dispatcher.spawn("reader", channel.asPollStream().forEach { received += it })
                    val first = sent + 1
                    val feeder = launch(Dispatchers.Default) {
                        for (i in first until first + 16) {
                            sent = i
                            channel.send(i)
                        }
                    }
                    spin()
                    handle.cancel()
                    feeder.join()
                }
            }
        }
        settle()
        undelivered += left
        assertEachOnceInOrder(sent)
    }

    // ------------------------------------------------------------------ Flow.asPollStream

    @Test
    fun flowsThatComeFromOtherThreadsArriveInOrderOrEnd() {
        repeat(VALUES / 64) {
            val running = AtomicInteger()
            val stream = numbers(running).asPollStream()
            val seen = ConcurrentLinkedQueue<Int>()
            val handle = dispatcher.spawn("reader", stream.forEach { seen += it })
            spin()
            handle.cancel()
            runBlocking { withTimeout(5_000) { while (running.get() != 0) delay(1) } } // its `finally` was executed
            settle()
            assertThat(seen.toList()).isEqualTo((1..seen.size).toList())
        }
    }

    private fun numbers(running: AtomicInteger): Flow<Int> = channelFlow {
        launch(Dispatchers.Default) {
            running.incrementAndGet()
            try {
                for (i in 1..Int.MAX_VALUE) {
                    send(i)
                    if (i % 8 == 0) yield()
                }
            } finally {
                running.decrementAndGet()
            }
        }
    }

    private companion object {
        const val VALUES = 2_000
        val SEED: Int = Integer.getInteger("reveille.seed", 20_26)
    }
}
