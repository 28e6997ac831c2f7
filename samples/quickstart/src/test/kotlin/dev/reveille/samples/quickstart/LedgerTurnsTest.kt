package dev.reveille.samples.quickstart

import dev.reveille.BasicDispatcher
import dev.reveille.Complete
import dev.reveille.DispatcherOptions
import dev.reveille.Poll
import dev.reveille.Pollable
import dev.reveille.callbacks.executors.DispatcherExecutorService
import dev.reveille.callbacks.ledger.LedgerSnapshot
import dev.reveille.callbacks.ledger.MigrationLedger
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.pollable
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.yield
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import kotlin.test.assertEquals

/** What part of the turns is still callbacks: the measure of a migration. */
class LedgerTurnsTest {
    private val loop = BasicDispatcher(DispatcherOptions.defaults().withName("loop"))
    private val ledger = MigrationLedger.attach(loop)

    @AfterEach
    fun closeTheLoop() {
        loop.close()
    }

    private fun turns(): LedgerSnapshot.Turns = ledger.snapshot().turns().single()

    @Test
    fun `callbacks, tasks and coroutines are told apart`() {
        loop.post {}
        DispatcherExecutorService.of(loop).execute {}
        loop.spawn("task", Pollable<Complete> { Poll.ready() })
        CoroutineScope(loop.asCoroutineDispatcher()).launch { yield() } // two segments
        loop.runToCompletion()
        assertEquals(LedgerSnapshot.Turns("loop", 2, 1, 2, 0), turns())
        assertEquals(40.0, turns().callbackPercent())
    }

    @Test
    fun `a coroutine that is polled as a task counts as the task`() {
        loop.spawn("task", loop.pollable("greeting") { "hello" })
        loop.runToCompletion()
        assertEquals(LedgerSnapshot.Turns("loop", 0, 1, 0, 0), turns())
    }
}
