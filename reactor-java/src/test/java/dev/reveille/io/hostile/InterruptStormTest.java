package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.contract.Rig;
import dev.reveille.io.TcpStream;
import java.nio.ByteBuffer;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Somebody interrupts the driver again and again, in polls and in sleeps. */
final class InterruptStormTest extends HostileFixture {

  /** The JDK closes a channel that a thread uses which is interrupted; that must not get to it. */
  @Test
  void neitherClosesASocketNorLosesAByte() throws Exception {
    int bytes = 20_000;
    Connection connection = connected();
    TcpStream stream = connection.ours();
    ByteBuffer one = ByteBuffer.allocate(1);
    JoinHandle<Integer> echo =
        spawn(
            "echo",
            cx -> {
              while (stream.pollReadable(cx).isReady()) {
                one.clear();
                int n = stream.tryRead(one);
                if (n < 0) {
                  return Poll.ready(1);
                }
                stream.tryWrite(one.flip());
              }
              return Poll.pending();
            });
    Thread driver = Thread.currentThread();
    AtomicBoolean ended = new AtomicBoolean();
    FutureTask<Integer> storm =
        rig.start(
            "storm",
            () -> {
              int interrupts = 0;
              while (!ended.get()) {
                driver.interrupt();
                interrupts++;
                Thread.onSpinWait();
              }
              return interrupts;
            });
    FutureTask<Integer> client =
        rig.start(
            "client",
            () -> {
              int right = 0;
              for (int i = 0; i < bytes; i++) {
                connection.theirs().send((byte) i);
                right += connection.theirs().receive() == (i & 0xff) ? 1 : 0;
              }
              ended.set(true);
              connection.theirs().finish();
              return right;
            });

    Poll<Integer> end = loop.runUntil(echo.join());
    boolean restored = Thread.interrupted();

    assertThat(end.value()).isEqualTo(1);
    assertThat(Rig.await(client)).isEqualTo(bytes);
    assertThat(Rig.await(storm)).isPositive();
    assertThat(restored).isTrue();
    assertThat(stream.isOpen()).isTrue();
    stream.close();
    rig.takeUncaught()
        .forEach(u -> assertThat(u.failure()).isInstanceOf(InterruptedException.class));
  }
}
