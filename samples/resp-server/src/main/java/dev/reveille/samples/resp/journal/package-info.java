/**
 * The journal: records appended to a file and read back at the start. Legacy code on purpose, as a
 * migrating team would have it: {@link java.nio.channels.AsynchronousFileChannel}, {@link
 * java.nio.channels.CompletionHandler}, locks, callbacks on foreign threads.
 *
 * <p>It knows nothing of the dispatcher, of commands or of RESP: a record is bytes. The rest of the
 * server reaches it through the callback shim only.
 */
@NullMarked
package dev.reveille.samples.resp.journal;

import org.jspecify.annotations.NullMarked;
