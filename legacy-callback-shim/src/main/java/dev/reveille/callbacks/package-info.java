/**
 * Callbacks to tasks and back, and the executors that callback code knows, on the loop.
 *
 * <p>{@link dev.reveille.callbacks.Callbacks} turns single-shot callbacks and futures into
 * pollables, and pollables into callbacks and futures; {@link dev.reveille.callbacks.Shapes} has
 * the shapes that callbacks come in; {@link dev.reveille.callbacks.BlockingPortal} lets in code
 * that can only block; {@link dev.reveille.callbacks.DispatcherExecutorService} is the loop for
 * code that knows a {@link java.util.concurrent.ScheduledExecutorService}.
 */
@NullMarked
package dev.reveille.callbacks;

import org.jspecify.annotations.NullMarked;
