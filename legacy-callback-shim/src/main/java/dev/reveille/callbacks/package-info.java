/**
 * Callbacks to tasks and back, and the executors that callback code knows, on the loop.
 *
 * <p>{@link dev.reveille.callbacks.Callbacks} turns callbacks into pollables and streams; {@link
 * dev.reveille.callbacks.DispatcherExecutorService} is the loop for code that knows a {@link
 * java.util.concurrent.ScheduledExecutorService}; {@link dev.reveille.callbacks.MigrationLedger}
 * counts what becomes of all of it.
 */
@NullMarked
package dev.reveille.callbacks;

import org.jspecify.annotations.NullMarked;
