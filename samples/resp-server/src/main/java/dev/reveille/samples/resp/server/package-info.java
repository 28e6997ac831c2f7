/**
 * The server itself: poll tasks that connect the network with the commands, and what wires them.
 */
@NullMarked
package dev.reveille.samples.resp.server;

import org.jspecify.annotations.NullMarked;
