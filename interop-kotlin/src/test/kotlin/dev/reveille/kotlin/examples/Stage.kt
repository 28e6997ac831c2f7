package dev.reveille.kotlin.examples

import dev.reveille.BasicDispatcher
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.kotlin.pollable
import kotlinx.coroutines.delay
import java.nio.ByteBuffer
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread

/** What stands in for a network in the examples: a moment later, all goes well. */
internal class Network(private val dispatcher: BasicDispatcher) {
    val attempts = CopyOnWriteArrayList<String>()

    /** Never connects, if the address is "nowhere". */
    fun connect(address: String): Pollable<Connection> = object : Pollable<Connection> {
        private val delayed = dispatcher.pollable("connect") { delay(if (address == "nowhere") Long.MAX_VALUE else 1) }

        override fun poll(cx: Context): Poll<Connection> =
            if (delayed.poll(cx).isReady) Poll.ready(Connection(dispatcher)) else Poll.pending()

        override fun cancel() {
            attempts += "given up: $address"
            delayed.cancel()
        }
    }
}

internal class Connection(private val dispatcher: BasicDispatcher) {
    val written = CopyOnWriteArrayList<String>()

    fun read(buffer: ByteBuffer): Pollable<String> = dispatcher.pollable("read") {
        delay(1)
        "request of at most ${buffer.remaining()} bytes"
    }

    fun readLine(): Pollable<String> = dispatcher.pollable("read a line") {
        delay(1)
        "line"
    }

    fun write(text: String): Pollable<Boolean> = dispatcher.pollable("write") {
        delay(1)
        written.add(text)
    }
}

/** Runs [body] in this thread, while another one drives [dispatcher]. */
internal fun whileDriven(dispatcher: BasicDispatcher, body: () -> Unit) {
    val driver = thread(name = "driver") { dispatcher.run() }
    try {
        body()
    } finally {
        dispatcher.stop()
        driver.join()
    }
}
