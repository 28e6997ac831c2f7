package dev.reveille.io.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads race for one pipe, and for one stream of signals. */
@Timeout(60)
class ProcessHammerTest {
  private static final int ROUNDS = 1000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Counts how often it is closed, and whether somebody was in it then. */
  private static final class Watched extends InputStream {
    final AtomicInteger closes = new AtomicInteger();
    private volatile boolean inside;
    private volatile boolean closedUnderTheHands;
    private byte next;

    @Override
    public int read() {
      throw new AssertionError("byte by byte");
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      inside = true;
      bytes[offset] = next++;
      Thread.onSpinWait();
      inside = false;
      return 1;
    }

    @Override
    public void close() {
      closes.incrementAndGet();
      closedUnderTheHands |= inside;
    }
  }

  @Test
  void aStreamIsClosedOnceAndNotUnderTheHandsOfAReader() throws Exception {
    ExecutorService blocking = Executors.newCachedThreadPool();
    CyclicBarrier start = new CyclicBarrier(2);
    Watched[] streams = new Watched[ROUNDS];
    ChildSource[] sources = new ChildSource[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      streams[i] = new Watched();
      sources[i] = new ChildSource("source", dispatcher, blocking, streams[i]);
    }
    FutureTask<Boolean> closer =
        rig.start(
            "closer",
            () -> {
              for (ChildSource source : sources) {
                start.await();
                for (int spin = source.hashCode() & 0xFFF; spin > 0; spin--) {
                  Thread.onSpinWait();
                }
                source.close();
              }
              return true;
            });
    FutureTask<Long> reader =
        rig.start(
            "reader",
            () -> {
              long bytes = 0;
              for (ChildSource source : sources) {
                start.await();
                bytes += dispatcher.runUntil(cx -> readToTheClose(source, cx)).value();
              }
              return bytes;
            });
    assertThat(Rig.await(closer)).isTrue();
    assertThat(Rig.await(reader)).isPositive();
    blocking.shutdown();
    assertThat(blocking.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(streams).allMatch(stream -> stream.closes.get() == 1);
    assertThat(streams).noneMatch(stream -> stream.closedUnderTheHands);
  }

  /** One after the other, each byte is the next. */
  private static Poll<Long> readToTheClose(ChildSource source, dev.reveille.Context cx)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(10);
    long bytes = 0;
    try {
      while (source.pollReadable(cx).isReady()) {
        bytes += source.tryRead(buffer.clear());
      }
      return Poll.pending();
    } catch (ClosedChannelException e) {
      return Poll.ready(bytes);
    }
  }

  @Test
  void afterTheLastSignalOfABurstThereIsAnElement() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    SignalStream stream =
        (SignalStream) Signals.on(dispatcher, new Signal("WINCH"), new Signal("CONT"));
    List<FutureTask<Boolean>> senders =
        List.of(
            rig.start("sender", () -> send(stream, sent, 1)),
            rig.start("sender", () -> send(stream, sent, 2)));
    int[] given = new int[1];
    dispatcher.runUntil(
        stream
            .onEach(signal -> given[0]++)
            .map(signal -> sent.get())
            .filter(n -> n == 2 * ROUNDS) // written before the last of them: so it has to be seen
            .first());
    for (FutureTask<Boolean> sender : senders) {
      assertThat(Rig.await(sender)).isTrue();
    }
    assertThat(given[0]).isBetween(1, 2 * ROUNDS);
  }

  /** Each comes just when the loop has found nothing and is about to wait. */
  @Test
  void noWakeIsLost() throws Exception {
    int rounds = 20_000;
    AtomicInteger given = new AtomicInteger();
    SignalStream stream = (SignalStream) Signals.on(dispatcher, new Signal("WINCH"));
    FutureTask<Boolean> sender =
        rig.start(
            "sender",
            () -> {
              for (int i = 0; i < rounds; i++) {
                while (given.get() != i) {
                  Thread.onSpinWait();
                }
                stream.arrived(1);
              }
              return true;
            });
    FutureTask<Boolean> receiver =
        rig.start(
            "receiver",
            () ->
                dispatcher
                    .runUntil(
                        stream
                            .take(rounds)
                            .forEach(
                                signal -> {
                                  // The sender's way to its send is longer than that to the wait.
                                  int n = given.incrementAndGet();
                                  for (int spin = n & 0xFF; spin > 0; spin--) {
                                    Thread.onSpinWait();
                                  }
                                }))
                    .isReady());
    assertThat(Rig.await(receiver)).isTrue();
    assertThat(Rig.await(sender)).isTrue();
  }

  private static boolean send(SignalStream stream, AtomicInteger sent, long bit) {
    for (int i = 0; i < ROUNDS; i++) {
      sent.incrementAndGet();
      stream.arrived(bit);
    }
    return true;
  }
}
