/**
 * Sockets and files of NIO.2, whose completion handlers run on threads of their own: bridged calls,
 * handlers as they were before, and both on one channel.
 */
@NullMarked
package dev.reveille.samples.compat.nio2;

import org.jspecify.annotations.NullMarked;
