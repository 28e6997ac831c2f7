package dev.reveille.samples.resp.suspending

import dev.reveille.Complete
import dev.reveille.Dispatcher
import dev.reveille.Pollable
import dev.reveille.kotlin.asCoroutineDispatcher
import dev.reveille.kotlin.pollable
import dev.reveille.samples.resp.command.BlockingPop
import dev.reveille.samples.resp.command.CommandError
import dev.reveille.samples.resp.command.CommandExecutor
import dev.reveille.samples.resp.protocol.Request
import dev.reveille.samples.resp.server.Client
import dev.reveille.samples.resp.server.Delegate
import dev.reveille.samples.resp.server.Durability
import dev.reveille.samples.resp.store.Key
import dev.reveille.samples.resp.store.Keyspace
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/**
 * The part of the server that has been rewritten in suspend functions: commands that wait, messages
 * between clients, expiry. A connection polls its command, which is a coroutine, as it polls everything
 * else.
 */
public class SuspendCommands(
    private val dispatcher: Dispatcher,
    private val keyspace: Keyspace,
    executor: CommandExecutor,
    durability: Durability,
) : Delegate {
    private val scope = CoroutineScope(dispatcher.asCoroutineDispatcher() + SupervisorJob())
    private val pops = BlockingPops(executor)
    private val pubSub = PubSub(scope)
    private val expiry = Expiry(keyspace, durability)

    /** Begins to remove keys whose time has come. */
    public fun start() {
        scope.launch(CoroutineName("expiry")) { expiry.run() }
    }

    /** Ends expiry and all relays. */
    public fun stop() {
        scope.cancel()
    }

    override fun begin(request: Request, client: Client): Pollable<Complete> = dispatcher.pollable(request.name()) {
        try {
            run(request, client)
        } catch (e: CommandError) {
            client.replies().error(e.reply())
        }
        Complete.COMPLETE
    }

    private suspend fun run(request: Request, client: Client) {
        when (request.name()) {
            "blpop", "brpop" -> pops.pop(BlockingPop.parse(request, keyspace.now()), client.replies())

            "publish" -> {
                val receivers = pubSub.publish(Key.of(request.argument(1)), request.argument(2))
                client.replies().integer(receivers.toLong())
            }

            "subscribe" -> channels(request).forEach { pubSub.subscribe(client, it) }

            "unsubscribe" -> pubSub.unsubscribe(client, channels(request))

            else -> throw IllegalStateException("not a command of this part: $request")
        }
    }

    private fun channels(request: Request): List<Key> = (1 until request.size()).map { Key.of(request.argument(it)) }

    override fun commandDone() {
        pops.serveGrown()
    }

    override fun disconnected(client: Client) {
        pubSub.disconnected(client)
    }

    /** A list got elements: see [BlockingPops]. */
    public fun listGrew(key: Key) {
        pops.listGrew(key)
    }

    /** Something changed: see [Expiry]. */
    public fun changed() {
        expiry.changed()
    }
}
