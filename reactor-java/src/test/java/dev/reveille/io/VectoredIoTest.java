package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several buffers in one call, and calls that do a part of what they were asked. */
final class VectoredIoTest {
  private final SelectorDispatcher loop = new SelectorDispatcher();

  @AfterEach
  void close() {
    loop.close();
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }

  @Test
  void buffersAreWrittenAndFilledInOrderWithinOffsetAndLength() throws Exception {
    Ends ends = Ends.tcp(loop);
    ByteBuffer[] out = {bytes(9), bytes(1, 2), bytes(), bytes(3, 4, 5), bytes(9)};
    assertThat(ends.client.tryWrite(out, 1, 3)).isEqualTo(5);
    assertThat(out[0].remaining()).isOne();
    assertThat(out[4].remaining()).isOne();

    ByteBuffer[] in = {ByteBuffer.allocate(1), ByteBuffer.allocate(3), ByteBuffer.allocate(8)};
    loop.runUntil(ends.server::pollReadable);
    assertThat(ends.server.tryRead(in, 1, 2)).isEqualTo(5);
    assertThat(in[0].position()).isZero();
    assertThat(in[1].flip()).isEqualTo(bytes(1, 2, 3));
    assertThat(in[2].flip()).isEqualTo(bytes(4, 5));
  }

  @Test
  void aShortVectoredReadWaitsForTheNextReportAndAFullOneDoesNot() throws Exception {
    Ends ends = Ends.tcp(loop);
    ends.client.tryWrite(bytes(1, 2, 3));
    loop.runUntil(ends.server::pollReadable);
    ByteBuffer[] exact = {ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
    assertThat(ends.server.tryRead(exact, 0, 2)).isEqualTo(2);
    JoinHandle<?> again = loop.spawn("again", ends.server::pollReadable);
    loop.runUntilStalled();
    assertThat(again.isDone()).isTrue();

    ByteBuffer[] more = {ByteBuffer.allocate(1), ByteBuffer.allocate(1), ByteBuffer.allocate(1)};
    assertThat(ends.server.tryRead(more, 0, 3)).isEqualTo(1);
    // Three empty buffers are left over: one that was not begun tells nothing of the socket, so a
    // read of nothing decides.
    assertThat(ends.server.tryRead(more, 1, 2)).isZero();
    JoinHandle<?> waits = loop.spawn("waits", ends.server::pollReadable);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(waits.isDone()).isFalse();
  }

  @Test
  void offsetsThatDoNotFitAreRefused() throws Exception {
    Ends ends = Ends.tcp(loop);
    ByteBuffer[] two = {bytes(1), bytes(2)};
    assertThatThrownBy(() -> ends.client.tryWrite(two, 1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ends.client.tryRead(two, -1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** More buffers than the system takes at once, more bytes than it has room for. */
  @Test
  void whatIsWrittenInPartsArrivesWhole() throws Exception {
    Ends ends = Ends.tcp(loop);
    int buffers = 3_000;
    int size = 4_001;
    CRC32 sent = new CRC32();
    ByteBuffer[] out = new ByteBuffer[buffers];
    for (int i = 0; i < buffers; i++) {
      out[i] = ByteBuffer.allocate(size);
      for (int j = 0; j < size; j++) {
        out[i].put((byte) (i * 31 + j * 7));
      }
      sent.update(out[i].flip());
      out[i].rewind();
    }
    int[] parts = {0};
    int[] first = {0};
    loop.spawn(
        "writer",
        cx -> {
          while (first[0] < buffers) {
            if (ends.client.pollWritable(cx).isPending()) {
              return Poll.pending();
            }
            parts[0]++;
            ends.client.tryWrite(out, first[0], buffers - first[0]);
            while (first[0] < buffers && !out[first[0]].hasRemaining()) {
              first[0]++;
            }
          }
          ends.client.shutdownOutput();
          return Poll.ready();
        });
    CRC32 received = new CRC32();
    ByteBuffer[] in = new ByteBuffer[20];
    for (int i = 0; i < in.length; i++) {
      in[i] = ByteBuffer.allocate(1_000 + i);
    }
    long total =
        loop.runUntil(
                new dev.reveille.Pollable<Long>() {
                  private long sum;

                  @Override
                  public Poll<Long> poll(dev.reveille.Context cx) throws Exception {
                    while (ends.server.pollReadable(cx).isReady()) {
                      long n = ends.server.tryRead(in, 0, in.length);
                      if (n < 0) {
                        return Poll.ready(sum);
                      }
                      sum += n;
                      for (ByteBuffer buffer : in) {
                        received.update(buffer.flip());
                        buffer.clear();
                      }
                    }
                    return Poll.pending();
                  }
                })
            .value();
    assertThat(total).isEqualTo((long) buffers * size);
    assertThat(received.getValue()).isEqualTo(sent.getValue());
    assertThat(parts[0]).isGreaterThan(2);
  }
}
