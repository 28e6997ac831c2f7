/**
 * A crowd of clients that drives any Redis server through Jedis and checks every reply.
 *
 * <p>It knows a host and a port and nothing else of this server, so it can be tried on Redis
 * itself. Plain blocking threads: what it looks like from the other side of the socket.
 */
@NullMarked
package dev.reveille.samples.resp.demo;

import org.jspecify.annotations.NullMarked;
