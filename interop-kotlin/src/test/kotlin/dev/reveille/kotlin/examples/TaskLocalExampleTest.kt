package dev.reveille.kotlin.examples

import dev.reveille.Poll
import dev.reveille.TaskLocal
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.asContextElement
import dev.reveille.kotlin.get
import dev.reveille.kotlin.pollable
import kotlinx.coroutines.launch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class TaskLocalExampleTest {
    private val loop = TestLoop()
    private val dispatcher = loop.dispatcher
    private val scope = loop.scope
    private val log = loop.log

    @Test
    fun asContextElementExample() {
        val requestId = TaskLocal.named<String>("request id")
        scope.launch(requestId.asContextElement("r-17")) {
            dispatcher.spawn("audit") { cx -> Poll.ready(log.add("audit of ${requestId.get(cx)}")) }
            log += "handling ${requestId.get()}"
        }
        loop.runUntilStalled()
        assertThat(log).containsExactly("handling r-17", "audit of r-17")
    }

    @Test
    fun getExample() {
        val user = TaskLocal.named<String>("user")
        val greeting =
            dispatcher.pollable("greeting") {
                // the values of the task are those of its coroutine
                launch { log += "${user.get()} is greeted" }
            }
        dispatcher.spawn("handler", user.bind("ann", greeting))
        loop.runUntilStalled()
        assertThat(log).containsExactly("ann is greeted")
    }
}
