/**
 * What platform authors and adapters need: a dispatcher on a loop of somebody else.
 *
 * <p>{@link dev.reveille.spi.HostedDispatcher} runs on whatever implements {@link
 * dev.reveille.spi.Host}. A dispatcher with a thread of its own extends {@link
 * dev.reveille.RunnableDispatcher} instead.
 */
@NullMarked
package dev.reveille.spi;

import org.jspecify.annotations.NullMarked;
