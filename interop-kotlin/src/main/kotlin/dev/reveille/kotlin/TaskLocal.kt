package dev.reveille.kotlin

import dev.reveille.TaskLocal
import dev.reveille.TaskLocals
import kotlinx.coroutines.ThreadContextElement
import kotlinx.coroutines.currentCoroutineContext
import kotlin.coroutines.CoroutineContext

/**
 * A context element that binds this task-local to a value, for a coroutine or for a scope in one: what [TaskLocal.bind] is
 * for a pollable, and `ThreadLocal.asContextElement` for threads.
 *
 * The value is in place around each segment of the coroutine and around each poll of what it awaits, on the loop of
 * whatever [Dispatcher][dev.reveille.Dispatcher]. Tasks that it spawns or posts begin with it, and coroutines that it
 * launches inherit the element. Coroutines read it with [get], polls with [TaskLocal.get]. A task in whose polls a segment
 * runs has its own value back when the segment ends; so what a poll sets for this key within the scope ends with that
 * poll.
 *
 * ```
 * val requestId = TaskLocal.named<String>("request id")
 * scope.launch(requestId.asContextElement("r-17")) {
 *     dispatcher.spawn("audit") { cx -> Poll.ready(log.add("audit of ${requestId.get(cx)}")) }
 *     log += "handling ${requestId.get()}"
 * }
 * ```
 *
 * A task hands its values on as it does without coroutines. The main flow of a coroutine task ([pollable], [coroutineTask])
 * runs in the polls of the task, and has its values; what it launches begins with those that it has at this moment, on
 * whatever dispatcher. A block for which a dispatcher is named, as in `withContext(Dispatchers.IO) { }`, has those that are
 * bound by a context element, and no others. A coroutine that no task launches has no others either.
 *
 * **Threading.** The element may be used by any number of coroutines at a time, on any dispatchers. **Memory effects.** As
 * of the context of a coroutine.
 *
 * @param value the value within the scope.
 */
public fun <T : Any> TaskLocal<T>.asContextElement(value: T): ThreadContextElement<T?> = TaskLocalElement(this, value)

/**
 * The value that this task-local has for the current coroutine, or null if it has none.
 *
 * That is the one which an [asContextElement] of its context binds, on whatever dispatcher; or else, on the loop of a
 * [Dispatcher], the one of the task in whose polls the coroutine runs, or that launched it. It does not suspend.
 *
 * ```
 * val greeting =
 *     dispatcher.pollable("greeting") { // the values of the task are those of its coroutine
 *         launch { log += "${user.get()} is greeted" }
 *     }
 * dispatcher.spawn("handler", user.bind("ann", greeting))
 * ```
 */
public suspend fun <T : Any> TaskLocal<T>.get(): T? {
    val context = currentCoroutineContext()
    val element = context[TaskLocalKey(this)]
    if (element != null) {
        @Suppress("UNCHECKED_CAST") // it is the one for this key
        return element.value as T
    }
    return TaskLocals.get(TaskLocals.current() ?: context[InheritedValues]?.values, this)
}

internal data class TaskLocalKey(private val local: TaskLocal<*>) : CoroutineContext.Key<TaskLocalElement<*>>

internal class TaskLocalElement<T : Any>(private val local: TaskLocal<T>, val value: T) : ThreadContextElement<T?> {
    override val key: CoroutineContext.Key<*> get() = TaskLocalKey(local)

    override fun updateThreadContext(context: CoroutineContext): T? = put(value)

    override fun restoreThreadContext(context: CoroutineContext, oldState: T?) {
        put(oldState)
    }

    /** Returns what was there. This key only: what a segment sets for others is the task's. */
    private fun put(new: T?): T? {
        val values = TaskLocals.current()
        val old = TaskLocals.get(values, local)
        if (old !== new) {
            TaskLocals.exchange(TaskLocals.with(values, local, new))
        }
        return old
    }

    fun addTo(values: TaskLocals?): TaskLocals? = TaskLocals.with(values, local, value)

    override fun toString(): String = "$local=$value"
}

/**
 * All values of the task that launched a coroutine, where that coroutine has another dispatcher than the task gave it;
 * else its [ChildDispatcher] has them.
 */
internal class InheritedValues(val values: TaskLocals) : ThreadContextElement<TaskLocals?> {
    override val key: CoroutineContext.Key<*> get() = Key

    override fun updateThreadContext(context: CoroutineContext): TaskLocals? = values.putFor(context)

    override fun restoreThreadContext(context: CoroutineContext, oldState: TaskLocals?) {
        TaskLocals.exchange(oldState)
    }

    override fun toString(): String = "task-local values"

    companion object Key : CoroutineContext.Key<InheritedValues>
}

/** Puts these in place for a segment, below those that [context] binds, which were put there before, or are to be. */
internal fun TaskLocals.putFor(context: CoroutineContext): TaskLocals? = TaskLocals.exchange(
    context.fold(this as TaskLocals?) { values, element ->
        if (element is TaskLocalElement<*>) element.addTo(values) else values
    },
)
