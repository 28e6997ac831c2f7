package dev.reveille.benchmarks.pingpong

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** Two coroutines that hand the ball over by channels, in five suspend functions. */
internal object CoroutinePlayers {
    /** On the loop of `runBlocking`. */
    @JvmStatic
    fun inRunBlocking(kind: Int, capacity: Int, ball: Ball, rounds: Int): Long {
        runBlocking {
            val there = Channel<Ball>(capacity)
            val back = Channel<Ball>(capacity)
            play(kind, back, there, rounds)
            val receiver = play(kind + 1, there, back, rounds)
            there.send(ball)
            receiver.join()
            there.receive() // the last ball, for which there is no round left
        }
        return ball.spin
    }

    private fun CoroutineScope.play(kind: Int, input: Channel<Ball>, output: Channel<Ball>, rounds: Int): Job = launch {
        when (kind % 5) {
            0 -> hit(input, output, rounds) { it.spin++ }
            1 -> hit(input, output, rounds) { it.spin = it.spin xor 0x55 }
            2 -> hit(input, output, rounds) { it.spin = it.spin.rotateLeft(7) }
            3 -> hit(input, output, rounds) { it.spin = -it.spin }
            else -> hit(input, output, rounds) { it.spin *= 31 }
        }
    }

    private suspend inline fun hit(input: Channel<Ball>, output: Channel<Ball>, rounds: Int, with: (Ball) -> Unit) {
        repeat(rounds) {
            val ball = input.receive()
            with(ball)
            output.send(ball)
        }
    }
}
