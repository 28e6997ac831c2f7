/**
 * ZooKeeper, client and embedded server: int return codes, one-shot watches that have to be
 * re-armed, callbacks on an event thread or, after the close, on the caller.
 */
@NullMarked
package dev.reveille.samples.compat.zookeeper;

import org.jspecify.annotations.NullMarked;
