@file:OptIn(ExperimentalCoroutinesApi::class, DelicateCoroutinesApi::class)

package dev.reveille.kotlin

import dev.reveille.TaskLocals
import kotlinx.coroutines.CopyableThreadContextElement
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlin.coroutines.CoroutineContext

/**
 * A dispatcher that decides what new coroutines inherit in its place.
 *
 * kotlinx.coroutines asks a [CopyableThreadContextElement] for a copy when a *new coroutine* (`launch`, `async`, `produce`)
 * inherits it, and not for scopes in the same flow (`coroutineScope`, `withTimeout`, `withContext`). That is exactly the
 * line between the main flow of a coroutine task and its children, so the dispatcher of the main flow is such an
 * element, and nothing has to be looked up when a segment is dispatched.
 */
internal interface InheritedDispatcher : CopyableThreadContextElement<TaskLocals?> {
    /** The task-local values with which a new coroutine begins; null if there are none. */
    val valuesForChild: TaskLocals?

    override fun updateThreadContext(context: CoroutineContext): TaskLocals? = null // mostly only the copying is wanted

    override fun restoreThreadContext(context: CoroutineContext, oldState: TaskLocals?) {
        // See updateThreadContext.
    }

    override fun mergeForChild(overwritingElement: CoroutineContext.Element): CoroutineContext {
        val overwriting =
            if (overwritingElement is CopyableThreadContextElement<*>) {
                overwritingElement.copyForChild()
            } else {
                overwritingElement
            }
        return valuesForChild?.let { overwriting + InheritedValues(it) } ?: overwriting
    }
}
