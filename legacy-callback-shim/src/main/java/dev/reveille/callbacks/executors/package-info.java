/**
 * The loop behind the executors and dispatchers that callback code knows.
 *
 * <p>{@link dev.reveille.callbacks.executors.DispatcherExecutorService} is a loop as a {@link
 * java.util.concurrent.ScheduledExecutorService}; {@link
 * dev.reveille.callbacks.executors.CallbackDispatcher} takes functions that are called once, with
 * OK or CANCELLED.
 */
@NullMarked
package dev.reveille.callbacks.executors;

import org.jspecify.annotations.NullMarked;
