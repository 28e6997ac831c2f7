package dev.reveille.samples.quickstart

import dev.reveille.Poll
import dev.reveille.RunnableDispatcher
import dev.reveille.callbacks.executors.DispatcherExecutorService
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.await
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.time.Duration
import java.util.concurrent.TimeUnit
import dev.reveille.Timer as PollTimer

// readme: one-loop
fun oneLoop(loop: RunnableDispatcher, say: (String) -> Unit) {
    // Legacy: code that knows a ScheduledExecutorService, and is given the loop.
    val legacy = DispatcherExecutorService.of(loop)
    legacy.schedule({ say("10 ms: a callback") }, 10, TimeUnit.MILLISECONDS)

    // A poll task: when its timer has not fired, it returns Pending and costs nothing.
    val timer = PollTimer(loop)
    timer.reset(Duration.ofMillis(20))
    val task =
        loop.spawn("poll task") { cx ->
            if (timer.poll(cx).isPending) Poll.pending() else Poll.ready("20 ms: a poll task")
        }

    // A suspend function: awaits the task, then sleeps on the same clock.
    CoroutineScope(loop.asCoroutineDispatcher()).launch {
        say(task.join().await())
        delay(10)
        say("30 ms: a coroutine, on ${if (loop.onLoop()) "the loop" else "another thread"}")
    }

    loop.runToCompletion() // all of it on this thread
}
// readme: end
