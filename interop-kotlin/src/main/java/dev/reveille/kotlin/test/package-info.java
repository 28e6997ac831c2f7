/**
 * Tests with virtual time: {@code runDispatcherTest}, where the test moves the clock of a
 * dispatcher and drives it, and {@code hostDispatcher}, where a dispatcher lives under {@code
 * runTest} of kotlinx-coroutines-test, on its virtual time. Only the latter needs that library.
 */
@NullMarked
package dev.reveille.kotlin.test;

import org.jspecify.annotations.NullMarked;
