package dev.reveille.kotlin.examples

import dev.reveille.BasicDispatcher
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.await
import dev.reveille.kotlin.consume
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.ByteBuffer

class AwaitExampleTest {
    private val dispatcher = BasicDispatcher()
    private val network = Network(dispatcher)

    @TempDir
    private lateinit var folder: File

    @Test
    fun aRequestIsAwaitedAndAnswered() {
        val connection = Connection(dispatcher)
        val buffer = ByteBuffer.allocate(16)

        fun reply(request: String) = "reply to $request"
        CoroutineScope(dispatcher.asCoroutineDispatcher()).launch {
            val request = connection.read(buffer).await()
            connection.write(reply(request)).await()
        }
        dispatcher.runToCompletion()
        assertThat(connection.written).containsExactly("reply to request of at most 16 bytes")
    }

    @Test
    fun aLineIsAwaitedElsewhere() {
        val connection = Connection(dispatcher)
        val file = File(folder, "lines")
        whileDriven(dispatcher) {
            runBlocking {
                withContext(Dispatchers.IO) {
                    val line = connection.readLine().await(on = dispatcher)
                    file.appendText(line)
                }
            }
        }
        assertThat(file).hasContent("line")
    }

    @Test
    fun anAttemptIsGivenUp() {
        val connections = mutableListOf<Connection>()
        val scope = CoroutineScope(dispatcher.asCoroutineDispatcher())
        for (address in listOf("somewhere", "nowhere")) {
            scope.launch {
                // If this coroutine is cancelled, the attempt is given up and not left to itself.
                val connection = network.connect(address).consume()
                connections += connection
                scope.cancel()
            }
        }
        dispatcher.runToCompletion()
        assertThat(connections).hasSize(1)
        assertThat(network.attempts).containsExactly("given up: nowhere")
    }

    @Test
    fun aConnectionIsConsumedElsewhere() {
        val address = "somewhere"
        val file = File(folder, "lines")
        whileDriven(dispatcher) {
            runBlocking {
                withContext(Dispatchers.IO) {
                    val connection = network.connect(address).consume(on = dispatcher)
                    file.appendText(connection.readLine().consume(on = dispatcher))
                }
            }
        }
        assertThat(file).hasContent("line")
        assertThat(network.attempts).isEmpty()
    }
}
