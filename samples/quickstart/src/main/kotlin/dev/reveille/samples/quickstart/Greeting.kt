package dev.reveille.samples.quickstart

import dev.reveille.BasicDispatcher
import dev.reveille.Pollable
import dev.reveille.kotlin.await
import dev.reveille.kotlin.pollable
import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeout

// readme: kotlin
/** A coroutine that awaits a pollable, and is a pollable itself. */
fun greet(name: Pollable<String>): String = BasicDispatcher().use { dispatcher ->
    val greeting =
        dispatcher.pollable("greeting") {
            delay(10) // a timer of the loop
            val whom = withTimeout(1_000) { name.await() }
            "Hello, $whom"
        }
    dispatcher.runUntil(greeting).value()
}
// readme: end
