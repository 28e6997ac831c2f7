/**
 * Callbacks to tasks and back, and the executors that callback code knows, on the loop.
 *
 * <p>{@link dev.reveille.callbacks.Callbacks} turns callbacks and futures into pollables and
 * streams, and these into callbacks and futures again; {@link dev.reveille.callbacks.Shapes} has
 * the shapes that callbacks come in; {@link dev.reveille.callbacks.BlockingPortal} lets in code
 * that can only block; {@link dev.reveille.callbacks.DispatcherExecutorService} and {@link
 * dev.reveille.callbacks.CallbackDispatcher} are the loop for code that knows executors and
 * dispatchers of callbacks; {@link dev.reveille.callbacks.MigrationLedger} tells how far a
 * migration is.
 */
@NullMarked
package dev.reveille.callbacks;

import org.jspecify.annotations.NullMarked;
