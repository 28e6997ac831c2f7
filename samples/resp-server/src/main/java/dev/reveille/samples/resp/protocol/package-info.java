/**
 * The wire: bytes to requests and replies to bytes, as RESP2 and Redis 7 have it.
 *
 * <p>Nothing here knows sockets, keys or the dispatcher. A {@link
 * dev.reveille.samples.resp.protocol.RequestParser} takes bytes as they come, a {@link
 * dev.reveille.samples.resp.protocol.ReplyBuffer} holds replies until the peer takes them.
 */
@NullMarked
package dev.reveille.samples.resp.protocol;

import org.jspecify.annotations.NullMarked;
