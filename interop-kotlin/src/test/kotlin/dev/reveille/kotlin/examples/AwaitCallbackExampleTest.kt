package dev.reveille.kotlin.examples

import dev.reveille.BasicDispatcher
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.awaitCallback
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import kotlin.concurrent.thread

private class Session : AutoCloseable {
    var isClosed = false

    override fun close() {
        isClosed = true
    }
}

private class Client {
    lateinit var onSession: (Session) -> Unit
    var isAborted = false

    inner class Request {
        fun abort() {
            isAborted = true
        }
    }

    @Suppress("UNUSED_PARAMETER")
    fun connect(address: String, onSession: (Session) -> Unit, onError: (Throwable) -> Unit): Request {
        this.onSession = onSession
        return Request()
    }

    fun ask(question: String, onAnswer: (String) -> Unit) {
        thread { onAnswer("$question fine") }
    }
}

private suspend fun Client.connect(address: String): Session =
    awaitCallback("connect", onUndelivered = Session::close) { completer ->
        val request = connect(address, completer::complete, completer::fail) // calls back on a thread of its own
        completer.onCancel(request::abort) // the coroutine was cancelled
    }

class AwaitCallbackExampleTest {
    @Test
    fun awaitCallbackExample() {
        val loop = TestLoop()
        val client = Client()
        loop.scope.launch { loop.log += "closed: ${client.connect("peer").isClosed}" }
        loop.runUntilStalled()
        thread { client.onSession(Session()) }.join()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("closed: false")

        val cancelled = loop.scope.launch { client.connect("peer") }
        loop.runUntilStalled()
        cancelled.cancel()
        loop.runUntilStalled()
        assertThat(client.isAborted).isTrue()
        val late = Session()
        client.onSession(late)
        loop.runUntilStalled()
        assertThat(late.isClosed).isTrue()
    }

    @Test
    fun awaitCallbackOnADispatcherExample() {
        val dispatcher = BasicDispatcher()
        val guard = dispatcher.workGuard()
        val driver = thread { dispatcher.run() }
        val client = Client()
        runBlocking {
            val answer = withContext(Dispatchers.IO) {
                awaitCallback<String>("ask", on = dispatcher) { completer ->
                    client.ask("how are you?", completer::complete)
                }
            }
            assertThat(answer).isEqualTo("how are you? fine")
        }
        guard.close()
        dispatcher.stop()
        driver.join()
    }
}
