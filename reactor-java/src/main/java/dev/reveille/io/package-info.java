/**
 * The reactor: sockets whose readiness ends in a waker.
 *
 * <p>{@link dev.reveille.io.SelectorDispatcher} is a dispatcher that waits in a {@link
 * java.nio.channels.Selector} and so can run tasks that wait for the network. What such tasks use
 * are interfaces, so that a simulated network fits in their place.
 */
@NullMarked
package dev.reveille.io;

import org.jspecify.annotations.NullMarked;
