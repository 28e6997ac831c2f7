/**
 * How far a migration is: {@link dev.reveille.callbacks.ledger.MigrationLedger} counts what becomes
 * of bridged calls and streams, by name, and what the turns of a loop are spent on.
 */
@NullMarked
package dev.reveille.callbacks.ledger;

import org.jspecify.annotations.NullMarked;
