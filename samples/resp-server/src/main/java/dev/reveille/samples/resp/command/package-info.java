/**
 * The commands: a table that says what each is called and takes, and what the non-blocking ones do
 * to the keyspace and answer.
 *
 * <p>{@link dev.reveille.samples.resp.command.CommandExecutor} is the way in. Blocking commands and
 * publish/subscribe are in the table too, so that names and numbers of arguments are checked in one
 * place, but the executor hands them back: they are suspend functions and live elsewhere. Replies
 * and error texts are those of Redis 7.0 with RESP2. Confined to one loop, like the keyspace.
 */
@NullMarked
package dev.reveille.samples.resp.command;

import org.jspecify.annotations.NullMarked;
