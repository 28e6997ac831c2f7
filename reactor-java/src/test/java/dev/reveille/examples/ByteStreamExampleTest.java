package dev.reveille.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.io.ByteSink;
import dev.reveille.io.ByteSource;
import dev.reveille.io.ByteStream;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class ByteStreamExampleTest {
  static Pollable<Long> sum(ByteSource source, ByteBuffer buffer, CRC32 checksum) {
    return cx -> {
      while (source.pollReadable(cx).isReady()) {
        if (source.tryRead(buffer) < 0) {
          return Poll.ready(checksum.getValue()); // the last byte was sent
        }
        checksum.update(buffer.flip()); // perhaps of nothing: ready is a hint
        buffer.clear();
      }
      return Poll.pending();
    };
  }

  static Poll<Complete> say(Context cx, ByteSink sink, ByteBuffer answer) throws IOException {
    while (answer.hasRemaining()) {
      if (sink.pollWritable(cx).isPending()) {
        return Poll.pending(); // woken when there is room
      }
      sink.tryWrite(answer);
    }
    return sink.pollFlush(cx); // a wrapper, such as TLS, may still hold some of it
  }

  static Pollable<Integer> ask(ByteStream stream, ByteBuffer question, ByteBuffer answer) {
    return Pollables.then(stream.write(question), sent -> stream.read(answer));
  }

  @Test
  void aQuestionIsAskedAndAnsweredAndTheAnswerSummedUp() throws Exception {
    byte[] yes = "yes, it is".getBytes(US_ASCII);
    CRC32 expected = new CRC32();
    expected.update(yes, 1, yes.length - 1);
    try (var dispatcher = new SelectorDispatcher()) {
      TcpListener listener =
          dispatcher.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      JoinHandle<TcpStream> accepted = dispatcher.spawn(listener.accept());
      ByteStream client = dispatcher.runUntil(dispatcher.connect(listener.localAddress())).value();
      ByteStream server = dispatcher.runUntil(accepted.join()).value();

      ByteBuffer answer = ByteBuffer.allocate(1);
      JoinHandle<Integer> asked =
          dispatcher.spawn(ask(client, ByteBuffer.wrap("is it?".getBytes(US_ASCII)), answer));
      assertThat(dispatcher.runUntil(server.read(ByteBuffer.allocate(64))).value()).isEqualTo(6);
      ByteBuffer bytes = ByteBuffer.wrap(yes);
      assertThat(dispatcher.runUntil(cx -> say(cx, server, bytes)).isReady()).isTrue();
      server.shutdownOutput();
      assertThat(dispatcher.runUntil(asked.join()).value()).isEqualTo(1);
      assertThat(answer.get(0)).isEqualTo((byte) 'y');
      assertThat(dispatcher.runUntil(sum(client, ByteBuffer.allocate(4), new CRC32())).value())
          .isEqualTo(expected.getValue());
      client.close();
      server.close();
    }
  }
}
