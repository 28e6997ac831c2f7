/**
 * A server that speaks the Redis protocol, in the middle of a migration: connections are poll
 * tasks, the journal is callback code, commands that wait are suspend functions, and all of it is
 * one loop.
 */
@NullMarked
package dev.reveille.samples.resp;

import org.jspecify.annotations.NullMarked;
