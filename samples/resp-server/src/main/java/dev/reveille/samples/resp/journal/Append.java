package dev.reveille.samples.resp.journal;

import java.nio.ByteBuffer;

/**
 * A record that waits for being written, or is.
 *
 * @param record not touched by its owner until the handler was called
 * @param position where in the file its frame begins
 * @param handler is given {@link #end()}
 */
record Append(ByteBuffer record, long position, Pending<Long, ?> handler) {
  /** Where in the file its frame ends. */
  long end() {
    return position + Frame.sizeOf(record.remaining());
  }
}
