package dev.reveille.kotlin

import dev.reveille.Context
import dev.reveille.Poll
import dev.reveille.Pollable
import kotlinx.coroutines.ThreadContextElement
import kotlin.coroutines.CoroutineContext

/**
 * Polls in the name of a coroutine that waits: with the [ThreadContextElement]s of its context in the thread, as they
 * are around each of its segments. A poll that is made within a segment has them already.
 *
 * kotlinx.coroutines does that for segments only, and keeps how to itself.
 */
internal fun <T> Context.pollChildIn(coroutine: CoroutineContext, pollable: Pollable<T>): Poll<T> {
    val elements = coroutine.fold(null, ::collect) ?: return pollChild(pollable) // so it is for most coroutines
    elements.install(coroutine)
    try {
        return pollChild(pollable)
    } finally {
        elements.restore(coroutine)
    }
}

private fun collect(found: ThreadElements?, element: CoroutineContext.Element): ThreadElements? =
    if (element is ThreadContextElement<*> && element !is InheritedDispatcher) ThreadElements(element, found) else found

/** A list of them for one poll, the last one of the context first. */
private class ThreadElements(element: ThreadContextElement<*>, private val before: ThreadElements?) {
    @Suppress("UNCHECKED_CAST") // its states go back to where they came from
    private val element = element as ThreadContextElement<Any?>

    private var state: Any? = null

    /** In the order of the context, as for a segment. */
    fun install(context: CoroutineContext) {
        before?.install(context)
        try {
            state = element.updateThreadContext(context)
        } catch (failure: Throwable) { // not swallowed: the poll fails with it
            before?.restore(context)
            throw failure
        }
    }

    /** The other way round. */
    fun restore(context: CoroutineContext) {
        try {
            element.restoreThreadContext(context, state)
        } finally {
            before?.restore(context)
        }
    }
}
