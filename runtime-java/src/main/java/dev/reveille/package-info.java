/**
 * The model and the scheduler: what is polled, what wakes it, and the loop that does the polling.
 *
 * <p>A {@link dev.reveille.Pollable} is polled with a {@link dev.reveille.Context}. When it cannot
 * go on it leaves the context's {@link dev.reveille.Waker} with whoever will know better and
 * returns {@link dev.reveille.Poll#pending()}. A {@link dev.reveille.Dispatcher} runs tasks and
 * callbacks in one queue, on one clock, and sleeps until a waker calls.
 *
 * <p>Queue, inbox, postings and timer wheel are package-private: nothing outside this room may
 * touch them.
 */
@NullMarked
package dev.reveille;

import org.jspecify.annotations.NullMarked;
