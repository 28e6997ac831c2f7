package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A listener when descriptors have run out: the system's answer is played, the rest is real. */
final class AcceptBackOffTest {
  private final Rig rig = new Rig(SelectorDispatcher::new);
  private final SelectorDispatcher loop = (SelectorDispatcher) rig.dispatcher();
  private final Ends.Log log = new Ends.Log();
  private final List<Long> attempts = new ArrayList<>();
  private final List<TcpStream> accepted = new ArrayList<>();
  private NioTcpListener listener;
  private boolean exhausted = true;

  @BeforeEach
  void listen() throws Exception {
    listener = (NioTcpListener) loop.listen(Ends.anyPort());
    ServerSocketChannel channel = listener.channel();
    listener.acceptWith(
        () -> {
          attempts.add(rig.time().read() / 1_000_000);
          if (exhausted) {
            throw new IOException("Zu viele offene Dateien"); // in whatever language
          }
          return channel.accept();
        });
  }

  @AfterEach
  void close() throws Exception {
    log.close();
    rig.close();
  }

  private JoinHandle<Object> acceptor() {
    return loop.spawn(
        "acceptor",
        cx -> {
          for (Poll<TcpStream> s = listener.pollAccept(cx);
              s.isReady();
              s = listener.pollAccept(cx)) {
            accepted.add(s.value());
          }
          return Poll.pending();
        });
  }

  @Test
  void itTriesAgainAfterTimesThatDoubleUpToASecondAndReportsOnce() throws Exception {
    acceptor();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(loop.snapshot().tasks().get(0).waitReason()).isEqualTo("descriptors to accept with");
    rig.advance(Duration.ofMillis(3_500));

    assertThat(attempts)
        .containsExactly(0L, 10L, 30L, 70L, 150L, 310L, 630L, 1_270L, 2_270L, 3_270L);
    assertThat(log.records).hasSize(1);
    assertThat(log.text(0)).contains(listener.toString());
    assertThat(log.records.get(0).getThrown()).hasMessage("Zu viele offene Dateien");
  }

  @Test
  void itDoesNotSpinWhileConnectionsWait() throws Exception {
    acceptor();
    loop.runUntilStalled();
    try (Socket client = new Socket()) {
      client.connect(listener.localAddress());
      long steps = 0;
      for (int i = 0; i < 100; i++) {
        loop.runUntilStalled();
        steps += loop.lastRunSteps();
      }
      assertThat(steps).isLessThanOrEqualTo(2); // a report, perhaps, and one too many
      assertThat(attempts).hasSize(1);
    }
  }

  @Test
  void noConnectionIsLostAndTheNextEpisodeIsReportedAgainFromTheBeginning() throws Exception {
    acceptor();
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Socket client = new Socket();
      client.connect(listener.localAddress());
      clients.add(client);
    }
    loop.runUntilStalled();
    rig.advance(Duration.ofMillis(100));
    assertThat(accepted).isEmpty();

    exhausted = false;
    rig.advance(Duration.ofMillis(100));
    assertThat(accepted).hasSize(5);

    exhausted = true;
    attempts.clear();
    Socket late = new Socket();
    late.connect(listener.localAddress());
    long now = rig.time().read() / 1_000_000;
    Rig.awaitState(
        "the selector has reported the late one",
        () -> {
          loop.runUntilStalled();
          return !attempts.isEmpty();
        });
    rig.advance(Duration.ofMillis(35));
    assertThat(attempts).containsExactly(now, now + 10, now + 30);
    assertThat(log.records).hasSize(2);

    exhausted = false;
    rig.advance(Duration.ofMillis(40));
    assertThat(accepted).hasSize(6);
    late.close();
    for (Socket client : clients) {
      client.close();
    }
  }

  @Test
  void aListenerThatIsClosedMeanwhileSaysSoAtOnceAndLeavesNoTimer() throws Exception {
    JoinHandle<Object> acceptor = acceptor();
    loop.runUntilStalled();
    listener.close();
    assertThatThrownBy(() -> loop.runUntil(acceptor.join()))
        .isInstanceOf(ClosedChannelException.class);
    rig.advance(Duration.ofSeconds(10));
    assertThat(attempts).hasSize(1);
    assertThat(rig.takeUncaught()).hasSizeLessThanOrEqualTo(1); // it may end before the join
  }

  @Test
  void anAcceptorThatIsCancelledMeanwhileLeavesTheConnectionsToTheNext() throws Exception {
    JoinHandle<Object> first = acceptor();
    try (Socket client = new Socket()) {
      client.connect(listener.localAddress());
      loop.runUntilStalled();
      first.cancel();
      loop.runUntilStalled();
      exhausted = false;
      acceptor();
      rig.advance(Duration.ofSeconds(1));
      assertThat(accepted).hasSize(1);
    }
  }

  @Test
  void aLogThatFailsTooDoesNotEndTheListenerWhichReportsWhenItCan() throws Exception {
    boolean[] broken = {true};
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            if (broken[0]) {
              throw new IllegalStateException("no descriptor for the log either");
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.reveille.io");
    log.close(); // so that this one comes first
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
    logger.addHandler(log);
    try (Socket client = new Socket()) {
      acceptor();
      client.connect(listener.localAddress());
      loop.runUntilStalled();
      rig.advance(Duration.ofMillis(10));
      assertThat(attempts).hasSize(2);
      assertThat(log.records).isEmpty();

      broken[0] = false;
      rig.advance(Duration.ofMillis(20));
      assertThat(log.records).hasSize(1);
      exhausted = false;
      rig.advance(Duration.ofSeconds(1));
      assertThat(accepted).hasSize(1);
      assertThat(log.records).hasSize(1);
    } finally {
      logger.removeHandler(handler);
    }
  }
}
