/**
 * Callbacks to tasks and back.
 *
 * <p>{@link dev.reveille.callbacks.Callbacks} turns callbacks and futures into pollables and
 * streams, and these into callbacks and futures again; {@link dev.reveille.callbacks.Shapes} has
 * the shapes that callbacks come in; {@link dev.reveille.callbacks.BlockingPortal} lets in code
 * that can only block.
 */
@NullMarked
package dev.reveille.callbacks;

import org.jspecify.annotations.NullMarked;
