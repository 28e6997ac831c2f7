package dev.reveille.io.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection with somebody in the middle who changes a byte here and there, from a seed. */
class TlsFuzzTest {

  /** Whatever is changed: no bytes but the right ones, no other failure than an IOException. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aChangedByteIsNeverReadAndNothingHangs(String protocol) throws Exception {
    int changes = 0;
    for (int seed = 0; seed < 40; seed++) {
      try (TlsRig tls = new TlsRig()) {
        if (changedSomewhere(tls, protocol, new Random(seed))) {
          changes++;
        }
      } catch (Throwable t) {
        throw new AssertionError("with seed " + seed, t);
      }
    }
    assertThat(changes).isPositive();
  }

  private static boolean changedSomewhere(TlsRig tls, String protocol, Random random)
      throws Exception {
    MemoryStream.Pipe pipe = random.nextBoolean() ? tls.clientEnd.out : tls.clientEnd.in;
    int at = random.nextInt(4000);
    pipe.change(at, (byte) (1 << random.nextInt(8)));
    byte[] bytes = TlsRig.noise(1, 1000);
    JoinHandle<Object> client =
        tls.loop.spawn(
            TlsRig.settled(tls.client(TlsRig.CLIENT.withHandshakeTimeout(Duration.ofSeconds(1)))));
    JoinHandle<Object> server =
        tls.loop.spawn(
            TlsRig.settled(
                tls.server(
                    TlsRig.SERVER
                        .withProtocols(protocol)
                        .withHandshakeTimeout(Duration.ofSeconds(1)))));
    tls.loop.runUntilStalled();
    tls.rig.time().advance(Duration.ofSeconds(1)); // a longer length is waited for
    Object c = tls.run(client.join());
    Object s = tls.run(server.join());
    for (Object end : new Object[] {c, s}) {
      if (!(end instanceof TlsStream)) {
        assertThat(end).isInstanceOf(IOException.class);
      }
    }
    if (c instanceof TlsStream from && s instanceof TlsStream to) {
      JoinHandle<Object> read = tls.loop.spawn(TlsRig.settled(TlsRig.readAll(to)));
      tls.loop.spawn(TlsRig.settled(from.write(ByteBuffer.wrap(bytes))));
      tls.loop.spawn(TlsRig.settled(TlsRig.readAll(from)));
      tls.loop.spawn(TlsRig.settled(to.write(ByteBuffer.wrap(bytes))));
      tls.loop.runUntilStalled();
      tls.run(
          cx -> {
            from.close(); // in order, or not, if it has failed
            return Poll.ready();
          });
      tls.loop.runUntilStalled();
      Object all = tls.run(read.join());
      if (all instanceof byte[] whole) {
        assertThat(whole).isEqualTo(bytes);
      } else {
        assertThat(all).isInstanceOf(IOException.class);
      }
      tls.on(to::close);
    } else {
      tls.clientEnd.close();
      tls.serverEnd.close();
      tls.loop.runUntilStalled();
    }
    return pipe.total > at;
  }
}
