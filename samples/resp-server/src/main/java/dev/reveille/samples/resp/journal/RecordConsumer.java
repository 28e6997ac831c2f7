package dev.reveille.samples.resp.journal;

import java.nio.ByteBuffer;

/** Is given the records of a journal that is opened, oldest first. */
@FunctionalInterface
public interface RecordConsumer {
  /**
   * One record, as it was appended. The buffer is read-only and valid during the call only. Called
   * from different threads, but never from two at a time.
   *
   * @throws Exception if the record makes no sense; the journal is then not opened
   */
  void accept(ByteBuffer record) throws Exception;
}
