package dev.reveille.samples.resp.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplyBufferTest {
  private final ReplyBuffer replies = new ReplyBuffer();
  private final Peer peer = new Peer();

  @Test
  void eachKindOfReplyIsEncodedAsResp2() throws Exception {
    replies.simple("OK").error("ERR no").integer(-42).bulk("bulk").nullBulk();
    replies.array(1).array(0).nullArray().encoded(new byte[] {'+', 'x', '\r', '\n'});

    drain();

    assertThat(peer.text())
        .isEqualTo("+OK\r\n-ERR no\r\n:-42\r\n$4\r\nbulk\r\n$-1\r\n*1\r\n*0\r\n*-1\r\n+x\r\n");
  }

  @Test
  void integersOfAllLengthsAreEncoded() throws Exception {
    StringBuilder expected = new StringBuilder();
    for (long number = 1; number > 0 && number < Long.MAX_VALUE / 10; number *= 10) {
      for (long each : new long[] {number, -number, number - 1, 1 - number}) {
        replies.integer(each);
        expected.append(":").append(each).append("\r\n");
      }
    }
    replies.integer(Long.MIN_VALUE).integer(Long.MAX_VALUE);
    expected.append(":-9223372036854775808\r\n:9223372036854775807\r\n");

    drain();

    assertThat(peer.text()).isEqualTo(expected.toString());
  }

  @Test
  void lineBreaksCannotEndAnErrorEarly() throws Exception {
    replies.error("ERR a\r\n+OK");

    drain();

    assertThat(peer.text()).isEqualTo("-ERR a  +OK\r\n");
  }

  @Test
  void aPeerOfAnyAppetiteGetsAllBytesInOrder() throws Exception {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Peer slow = new Peer();
      ReplyBuffer buffer = new ReplyBuffer();
      StringBuilder expected = new StringBuilder();
      for (int i = 0; i < 60; i++) {
        String value = Integer.toString(i).repeat(random.nextInt(4) * random.nextInt(3000));
        buffer.bulk(value).integer(i);
        expected.append("$" + value.length() + "\r\n" + value + "\r\n:" + i + "\r\n");
        assertThat(buffer.pendingBytes()).isEqualTo(expected.length() - slow.taken());
        slow.appetite = random.nextInt(20_000) * random.nextInt(2);
        long drained = buffer.drainTo(slow);
        assertThat(drained).isBetween(0L, 20_000L);
      }
      slow.appetite = Integer.MAX_VALUE;
      buffer.drainTo(slow);

      assertThat(buffer.isEmpty()).isTrue();
      assertThat(slow.text()).as("seed %d", seed).isEqualTo(expected.toString());
    }
  }

  @Test
  void aLargeValueIsHandedOnWithoutACopy() throws Exception {
    byte[] value = new byte[100_000];
    replies.simple("OK").bulk(value).simple("OK");

    peer.appetite = 5;
    replies.drainTo(peer);

    assertThat(peer.lastOffered).anyMatch(buffer -> buffer.hasArray() && buffer.array() == value);
  }

  @Test
  void manyLargeValuesShareTheChunkForTheirHeads() throws Exception {
    byte[] value = new byte[5_000];
    for (int i = 0; i < 100; i++) {
      replies.bulk(value);
    }

    peer.appetite = 1;
    replies.drainTo(peer);

    long chunks =
        Arrays.stream(peer.lastOffered)
            .filter(buffer -> buffer.hasArray() && buffer.array() != value)
            .map(ByteBuffer::array)
            .distinct()
            .count();
    assertThat(chunks).isEqualTo(1);
  }

  @Test
  void whatASinkThatThrowsDidNotTakeIsStillPending() throws Exception {
    replies.simple("OK");
    GatheringSink broken =
        (sources, offset, length) -> {
          throw new IOException("reset");
        };

    assertThatThrownBy(() -> replies.drainTo(broken)).hasMessage("reset");
    drain();

    assertThat(peer.text()).isEqualTo("+OK\r\n");
  }

  @Test
  void discardedRepliesAreGone() throws Exception {
    replies.bulk(new byte[10_000]).simple("OK");
    replies.discard();
    replies.simple("NEW");

    drain();

    assertThat(peer.text()).isEqualTo("+NEW\r\n");
  }

  private void drain() throws IOException {
    long pending = replies.pendingBytes();
    assertThat(replies.drainTo(peer)).isEqualTo(pending);
    assertThat(replies.isEmpty()).isTrue();
  }

  /** Takes up to its appetite at each drain. */
  private static final class Peer implements GatheringSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int appetite = Integer.MAX_VALUE;
    ByteBuffer[] lastOffered = {};

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
      lastOffered = Arrays.copyOfRange(sources, offset, offset + length);
      long taken = 0;
      for (ByteBuffer source : lastOffered) {
        byte[] part = new byte[Math.min(source.remaining(), appetite)];
        source.get(part);
        bytes.writeBytes(part);
        appetite -= part.length;
        taken += part.length;
      }
      return taken;
    }

    int taken() {
      return bytes.size();
    }

    String text() {
      return bytes.toString(StandardCharsets.ISO_8859_1);
    }
  }
}
