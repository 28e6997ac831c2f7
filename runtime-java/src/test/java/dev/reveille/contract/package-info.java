/**
 * What every dispatcher must do, as JUnit tests that the author of a new platform runs against it:
 * extend {@link dev.reveille.contract.DispatcherContract}. Only public types of {@code
 * dev.reveille} are used here.
 */
@NullMarked
package dev.reveille.contract;

import org.jspecify.annotations.NullMarked;
