package dev.reveille.kotlin

import dev.reveille.Complete
import dev.reveille.Poll
import dev.reveille.Pollable
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ThreadContextElement
import kotlinx.coroutines.asContextElement
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import kotlin.coroutines.CoroutineContext

/** Thread-locals of coroutines, also where they run in the polls of a task. */
class ThreadContextTest {
    private val local = ThreadLocal<String?>()
    private val loop = TestLoop()

    @AfterEach
    fun theThreadIsAsItWas() {
        assertThat(local.get()).isNull()
        loop.assertNothingUncaught()
    }

    private fun start(asTask: Boolean, context: CoroutineContext, body: suspend CoroutineScope.() -> Unit) {
        if (asTask) {
            loop.dispatcher.post(coroutineTask("t", context, body))
        } else {
            loop.scope.launch(context, block = body)
        }
    }

    private fun look(what: String) {
        loop.log += "$what: ${local.get()}"
    }

    /** Ready when [gate] is; logs what each poll sees. */
    private fun looking(gate: Gate<String>) = Pollable<String> { cx ->
        look("poll")
        gate.poll(cx)
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun valuesAreInPlaceInEachSegmentAndOnlyThere(asTask: Boolean) {
        val gate = Gate<String>()
        start(asTask, local.asContextElement("mine")) {
            look("at first")
            yield()
            look("after yield")
            yieldNow()
            look("after yieldNow")
            delay(10)
            look("after delay")
            loop.log += gate.await()
            look("after await")
        }
        repeat(4) {
            // between the segments
            loop.dispatcher.runUntilStalled(1)
            look("between")
        }
        loop.advance(10)
        look("between")
        gate.open("open")
        loop.runUntilStalled()

        assertThat(loop.log.filterNot { it.startsWith("between") }).containsExactly(
            "at first: mine",
            "after yield: mine",
            "after yieldNow: mine",
            "after delay: mine",
            "open",
            "after await: mine",
        )
        assertThat(loop.log.filter { it.startsWith("between") }).containsOnly("between: null").hasSize(5)
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun valuesAreInPlaceInEachPollOfAnAwait(asTask: Boolean) {
        val gate = Gate<String>()
        start(asTask, local.asContextElement("mine")) { looking(gate).await() }
        loop.runUntilStalled()
        loop.dispatcher.post { look("callback") }
        for (task in loop.tasks()) assertThat(task.waitReason()).isEqualTo("the gate")
        gate.open("open")
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("poll: mine", "callback: null", "poll: mine")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun theyAreThoseOfTheScopeThatAwaits(asTask: Boolean) {
        val gate = Gate<String>()
        start(asTask, local.asContextElement("outer")) {
            withContext(local.asContextElement("inner")) { looking(gate).await() }
            look("after")
        }
        loop.runUntilStalled()
        gate.open("open")
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("poll: inner", "poll: inner", "after: outer")
    }

    @Test
    fun polledOnAnotherDispatcherTheyAreInPlaceThere() {
        val other = TestLoop("other")
        val gate = Gate<String>()
        loop.scope.launch(local.asContextElement("mine")) { looking(gate).await(on = other.dispatcher) }
        loop.runUntilStalled()
        other.runUntilStalled()
        gate.open("open")
        other.runUntilStalled()
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("poll: mine", "poll: mine")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun interleavedCoroutinesHaveTheirOwn(asTask: Boolean) {
        for (name in listOf("ann", "bob")) {
            start(asTask, local.asContextElement(name)) {
                repeat(2) {
                    look(name)
                    yieldNow()
                }
            }
        }
        start(asTask, kotlin.coroutines.EmptyCoroutineContext) {
            repeat(2) {
                look("nobody")
                yieldNow()
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log)
            .containsExactly("ann: ann", "bob: bob", "nobody: null", "ann: ann", "bob: bob", "nobody: null")
    }

    @Test
    fun childrenInheritThem() {
        start(true, local.asContextElement("mine")) {
            launch {
                look("child")
                yield()
                look("child later")
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("child: mine", "child later: mine")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun theyAreInstalledInTheOrderOfTheContextAndRestoredTheOtherWayRound(asTask: Boolean) {
        val gate = Gate<String>()
        start(asTask, Recording("a") + Recording("b") + Recording("c")) {
            gate.await()
            loop.log += "resumed"
        }
        loop.runUntilStalled()
        loop.log.clear()
        gate.open("open")
        loop.runUntilStalled()
        val once = listOf("+a", "+b", "+c", "-c", "-b", "-a")
        assertThat(loop.log).containsExactlyElementsOf(once + listOf("+a", "+b", "+c", "resumed", "-c", "-b", "-a"))
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aPollThatThrowsLeavesNothingBehind(asTask: Boolean) {
        var polls = 0
        start(asTask, local.asContextElement("mine")) {
            try {
                Pollable<Complete> { cx ->
                    cx.waker("again").wake()
                    check(++polls < 2) { "expected" }
                    Poll.pending()
                }.await()
            } catch (failure: IllegalStateException) {
                loop.log += "${failure.message}"
            }
            look("after")
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("expected", "after: mine")
    }

    private inner class Recording(private val name: String) : ThreadContextElement<Unit> {
        override val key: CoroutineContext.Key<*> = object : CoroutineContext.Key<Recording> {}

        override fun updateThreadContext(context: CoroutineContext) {
            loop.log += "+$name"
        }

        override fun restoreThreadContext(context: CoroutineContext, oldState: Unit) {
            loop.log += "-$name"
        }
    }
}
