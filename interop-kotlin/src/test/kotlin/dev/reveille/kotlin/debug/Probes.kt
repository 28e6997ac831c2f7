package dev.reveille.kotlin.debug

import dev.reveille.kotlin.Gate
import dev.reveille.kotlin.TestLoop
import dev.reveille.kotlin.await
import dev.reveille.kotlin.coroutineTask
import dev.reveille.kotlin.pollable
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.debug.DebugProbes
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlin.coroutines.ContinuationInterceptor

/** Coroutines of all kinds that wait, as the debug agent sees them. Run by [DebugProbesTest] in a JVM of its own. */
@OptIn(ExperimentalCoroutinesApi::class)
internal object Probes {
    private val loop = TestLoop()
    private val gates = mutableListOf<Gate<String>>()

    @JvmStatic
    fun main(args: Array<String>) {
        println("installed: ${DebugProbes.isInstalled}")
        makeATask()
        makeAPollable()
        launchOrdinary()
        loop.runUntilStalled()
        println("while they wait")
        show()
        DebugProbes.dumpCoroutines(System.out)
        println("end of dump")
        gates.forEach { it.open("value") }
        loop.runUntilStalled()
        loop.advance(1_000)
        println("after their end")
        show()
        loop.dispatcher.close()
        loop.assertNothingUncaught()
    }

    private fun makeATask() {
        loop.dispatcher.post(coroutineTask("the task") { whatATaskDoes() })
    }

    private fun makeAPollable() {
        loop.dispatcher.spawn("its poller", loop.dispatcher.pollable("the pollable") { waitForTheGate() })
    }

    private fun launchOrdinary() {
        loop.scope.launch(CoroutineName("the ordinary one")) { waitForTheGate() }
    }

    private suspend fun whatATaskDoes() {
        withContext(CoroutineName("inner")) { waitForTheGate() }
        delay(1_000)
    }

    private suspend fun waitForTheGate() {
        val gate = Gate<String>().also { gates += it }
        gate.await()
        check(gate.polls > 0) // so that the call above is no tail call, which would leave no frame
    }

    private fun show() {
        for (info in DebugProbes.dumpCoroutinesInfo().sortedBy { it.context[CoroutineName]?.name }) {
            val frames = info.lastObservedStackTrace().map { it.methodName }
            val creation = info.creationStackTrace.map { it.methodName }
            println(
                "coroutine: ${info.context[CoroutineName]?.name} ${info.state} " +
                    "active=${info.job?.let { job: Job -> job.isActive }} " +
                    "on=${info.context[ContinuationInterceptor]} frames=$frames creation=$creation",
            )
        }
    }
}
