package dev.reveille.kotlin

import dev.reveille.Complete
import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.TaskLocal
import dev.reveille.TaskLocals
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.util.concurrent.atomic.AtomicInteger

/** Values of tasks in coroutines, and of coroutines in tasks. */
class TaskLocalTest {
    private val user = TaskLocal.named<String>("user")
    private val depth = TaskLocal.named<Int>("depth")
    private val loop = TestLoop()

    @AfterEach
    fun nothingIsLeftInPlace() {
        loop.dispatcher.post { loop.log += "left: ${TaskLocals.current()}" }
        loop.runUntilStalled()
        assertThat(loop.log.last()).isEqualTo("left: null")
        loop.assertNothingUncaught()
    }

    /** Runs [body] as a task that has the user "ann". */
    private fun startAsAnn(body: suspend CoroutineScope.() -> Unit) {
        loop.dispatcher.spawn("ann's", user.bind("ann", loop.dispatcher.pollable("ann's", block = body)))
    }

    /** Ready in its second poll; logs what it sees in both. */
    private fun looking(name: String): Pollable<Complete> {
        var polls = 0
        return Pollable { cx: Context ->
            loop.log += "$name: ${user.get(cx)}"
            if (++polls == 2) {
                Poll.ready()
            } else {
                cx.waker("the next poll").wake()
                Poll.pending()
            }
        }
    }

    private suspend fun look(name: String) {
        loop.log += "$name: ${user.get()}"
    }

    @Test
    fun theValuesOfATaskAreThoseOfItsMainFlow() {
        startAsAnn {
            look("at first")
            yieldNow()
            look("after yieldNow")
            delay(10)
            look("after delay")
            looking("poll").await()
            withContext(Dispatchers.IO) { }
            look("after IO")
        }
        loop.advance(10)
        while (loop.log.size < 6) loop.runUntilStalled()
        assertThat(loop.log)
            .containsExactly(
                "at first: ann",
                "after yieldNow: ann",
                "after delay: ann",
                "poll: ann",
                "poll: ann",
                "after IO: ann",
            )
    }

    @Test
    fun whatATaskLaunchesBeginsWithItsValuesOfThatMoment() {
        startAsAnn {
            launch {
                look("child")
                yield()
                look("child later")
                looking("child's poll").await()
                loop.dispatcher.spawn("spawned", looking("spawned"))
                launch { look("grandchild") }
            }
            Pollable<Complete> { cx ->
                user.set(cx, "bob")
                Poll.ready()
            }.await()
            look("main")
            launch { look("second child") }
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactlyInAnyOrder(
            "main: bob",
            "child: ann",
            "second child: bob",
            "child later: ann",
            "child's poll: ann",
            "child's poll: ann",
            "spawned: ann",
            "spawned: ann",
            "grandchild: ann",
        )
    }

    @Test
    fun whatATaskLaunchesOnANamedDispatcherBeginsWithThemToo() {
        val other = TestLoop("other")
        startAsAnn {
            launch(loop.coroutines) { look("same loop, named") }
            launch(other.coroutines) {
                look("other loop")
                looking("other loop's poll").await()
            }
            launch(Dispatchers.Default) { look("elsewhere") }
            launch { launch(loop.coroutines) { look("grandchild, named") } }
        }
        while (loop.log.size < 6) {
            loop.runUntilStalled()
            other.runUntilStalled()
        }
        assertThat(loop.log).containsExactlyInAnyOrder(
            "same loop, named: ann",
            "other loop: ann",
            "other loop's poll: ann",
            "other loop's poll: ann",
            "elsewhere: ann",
            "grandchild, named: ann",
        )
    }

    @Test
    fun childrenOfATaskWithoutValuesShareTheirDispatcher() {
        val seen = mutableSetOf<Any?>()
        loop.dispatcher.post(
            coroutineTask {
                repeat(2) { launch { seen += coroutineContext[kotlin.coroutines.ContinuationInterceptor] } }
            },
        )
        loop.runUntilStalled()
        assertThat(seen.single()).isSameAs(loop.coroutines.coroutines.child)
    }

    @Test
    fun aBlockWithANamedDispatcherHasNoneOfThem() {
        startAsAnn {
            withContext(loop.coroutines) {
                look("named")
                yield()
                look("named, later")
            }
            launch {
                withContext(loop.coroutines) { look("named in a child") }
                look("child")
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log)
            .containsExactly("named: null", "named, later: null", "named in a child: null", "child: ann")
    }

    @ParameterizedTest
    @ValueSource(booleans = [false, true])
    fun aContextElementBindsForAScopeAndWhatIsBelow(asTask: Boolean) {
        val body: suspend CoroutineScope.() -> Unit = {
            look("before")
            withContext(user.asContextElement("ann")) {
                look("in scope")
                looking("poll").await()
                loop.dispatcher.spawn("spawned", looking("spawned"))
                launch {
                    yield()
                    look("child")
                }
                withContext(user.asContextElement("bob")) { look("inner scope") }
                delay(1)
                look("in scope, later")
                withContext(Dispatchers.IO) { look("elsewhere") }
            }
            look("after")
            looking("poll after").await()
        }
        if (asTask) loop.dispatcher.post(coroutineTask("t", block = body)) else loop.scope.launch(block = body)
        loop.advance(1)
        while (loop.log.count { it.startsWith("poll after") } < 2) loop.runUntilStalled()
        assertThat(loop.log).containsExactlyInAnyOrder(
            "before: null",
            "in scope: ann",
            "poll: ann",
            "poll: ann",
            "spawned: ann",
            "spawned: ann",
            "child: ann",
            "inner scope: bob",
            "in scope, later: ann",
            "elsewhere: ann",
            "after: null",
            "poll after: null",
            "poll after: null",
        )
    }

    @Test
    fun anElementIsStrongerThanWhatTheTaskHas() {
        startAsAnn {
            launch(user.asContextElement("bob")) {
                look("child")
                looking("child's poll").await()
                yield()
                look("child later")
            }
            launch(loop.coroutines + user.asContextElement("eve")) { look("named child") }
            withContext(user.asContextElement("dan")) {
                yieldNow()
                look("scope")
                launch { look("child of the scope") }
            }
            look("main")
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactlyInAnyOrder(
            "child: bob",
            "child's poll: bob",
            "child's poll: bob",
            "child later: bob",
            "named child: eve",
            "scope: dan",
            "child of the scope: dan",
            "main: ann",
        )
    }

    @Test
    fun twoElementsDoNotDisturbEachOther() {
        loop.scope.launch(user.asContextElement("ann") + depth.asContextElement(1)) {
            withContext(depth.asContextElement(2)) {
                yield()
                loop.log += "${user.get()}${depth.get()}"
            }
            loop.log += "${user.get()}${depth.get()}"
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("ann2", "ann1")
    }

    @Test
    fun whatAPollSetsForAnotherKeyIsTheTasks() {
        startAsAnn {
            withContext(depth.asContextElement(1)) {
                Pollable<Complete> { cx ->
                    user.set(cx, "bob")
                    Poll.ready()
                }.await()
                yieldNow()
                look("in scope")
            }
            look("after")
            loop.log += "${depth.get()}"
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("in scope: bob", "after: bob", "null")
    }

    @Test
    fun interleavedCoroutinesHaveTheirOwn() {
        for (name in listOf("ann", "bob")) {
            loop.scope.launch(user.asContextElement(name)) {
                repeat(2) {
                    look(name)
                    yield()
                }
            }
        }
        loop.scope.launch {
            repeat(2) {
                look("nobody")
                yield()
            }
        }
        loop.runUntilStalled()
        assertThat(loop.log)
            .containsExactly("ann: ann", "bob: bob", "nobody: null", "ann: ann", "bob: bob", "nobody: null")
    }

    @Test
    fun aCoroutineThatIsStartedInPlaceInAPollLeavesTheTaskItsValues() {
        startAsAnn {
            val other = CoroutineScope(loop.coroutines + user.asContextElement("bob"))
            other.launch(start = CoroutineStart.UNDISPATCHED) {
                look("in place")
                yield()
                look("later")
            }
            look("main")
        }
        loop.runUntilStalled()
        assertThat(loop.log).containsExactly("in place: bob", "main: ann", "later: bob")
    }

    @Test
    fun valuesAreThereInFinallyWhenTheTaskIsCancelled() {
        var child: String? = null
        val handle =
            loop.dispatcher.spawn(
                "ann's",
                user.bind(
                    "ann",
                    loop.dispatcher.pollable {
                        coroutineScope {
                            async {
                                try {
                                    delay(1000)
                                } finally {
                                    child = user.get()
                                }
                            }
                        }
                    },
                ),
            )
        loop.runUntilStalled()
        handle.cancel()
        loop.runUntilStalled()
        assertThat(child).isEqualTo("ann")
    }

    @Test
    fun whatIsPolledOnADispatcherForACoroutineElsewhereSeesItsValues() {
        val ends = AtomicInteger()
        CoroutineScope(Dispatchers.IO + user.asContextElement("ann")).launch {
            looking("poll").await(on = loop.dispatcher)
            ends.incrementAndGet()
        }
        while (ends.get() == 0) loop.runUntilStalled()
        assertThat(loop.log).containsExactly("poll: ann", "poll: ann")
    }

    @Test
    fun theElementSaysWhatItBinds() {
        assertThat("${user.asContextElement("ann")}").isEqualTo("TaskLocal[user]=ann")
    }
}
