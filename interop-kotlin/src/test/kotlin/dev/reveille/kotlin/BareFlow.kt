package dev.reveille.kotlin

import kotlinx.coroutines.ThreadContextElement
import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.intrinsics.startCoroutineUninterceptedOrReturn
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/**
 * Runs [block] in this flow without the elements that kotlinx.coroutines installs in the thread. In tests, which run with
 * assertions, it gives each coroutine one for its name; in production there is mostly none.
 */
internal suspend fun <T> withoutThreadContext(block: suspend () -> T): T =
    suspendCoroutineUninterceptedOrReturn { outer ->
        val bare =
            outer.context.fold(EmptyCoroutineContext as CoroutineContext) { context, it ->
                if (it is ThreadContextElement<*> && it !is ReveilleDispatcher) context else context + it
            }
        block.startCoroutineUninterceptedOrReturn(
            object : Continuation<T> {
                override val context: CoroutineContext get() = bare

                override fun resumeWith(result: Result<T>): Unit = outer.resumeWith(result)
            },
        )
    }
