package dev.reveille.samples.quickstart

import dev.reveille.BasicDispatcher
import dev.reveille.Dispatcher
import dev.reveille.Pollable
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.await
import dev.reveille.kotlin.consume
import dev.reveille.kotlin.coroutineTask
import dev.reveille.kotlin.pollable
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

// readme-kotlin: suspend
/** All thermometers at a time; one that fails cancels the readings of the others. */
suspend fun warmest(thermometers: List<Thermometer>): Double = coroutineScope {
    thermometers.map { async { it.read().consume() } }.awaitAll().max()
}

fun display(dispatcher: Dispatcher, thermometers: List<Thermometer>, show: (String) -> Unit): Job =
    CoroutineScope(dispatcher.asCoroutineDispatcher()).launch {
        val degrees = withTimeoutOrNull(1_000) { warmest(thermometers) }
        show(degrees?.let { "$it °C" } ?: "no reading")
    }
// readme: end

// readme-kotlin: back

/** For Java: a suspend function as what it knows. */
fun warmestOf(dispatcher: Dispatcher, thermometers: List<Thermometer>): Pollable<Double> =
    dispatcher.pollable("warmest") { warmest(thermometers) }

/** And as a task: what it awaits is polled in the polls of the task. */
fun watch(dispatcher: Dispatcher, thermometer: Thermometer, alarm: (Double) -> Unit) {
    dispatcher.post(
        coroutineTask("watch") {
            while (true) {
                val degrees = thermometer.read().await()
                if (degrees > 100) alarm(degrees)
                delay(60_000)
            }
        },
    )
}
// readme: end

// readme-kotlin: elsewhere

/** In a coroutine of another dispatcher: say who polls. */
suspend fun log(dispatcher: BasicDispatcher, thermometer: Thermometer, write: (String) -> Unit): Unit =
    withContext(Dispatchers.IO) {
        val degrees = thermometer.read().await(on = dispatcher)
        write("$degrees\n") // may block: this is not the loop
    }
// readme: end
