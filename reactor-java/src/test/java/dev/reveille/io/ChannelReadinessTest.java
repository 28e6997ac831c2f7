package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Channels of the user's own: when they can be read and written. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ChannelReadinessTest {
  private static final Duration A_WHILE = Duration.ofMillis(30);

  private final SelectorDispatcher loop = new SelectorDispatcher();
  private Pipe pipe;

  @BeforeEach
  void open() throws Exception {
    pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    pipe.sink().configureBlocking(false);
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
    pipe.source().close();
    pipe.sink().close();
  }

  private void feed(int bytes) throws Exception {
    pipe.sink().write(ByteBuffer.allocate(bytes));
  }

  private int drain() throws Exception {
    return pipe.source().read(ByteBuffer.allocate(1 << 20));
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Test
  void aChannelIsReadableWhenSomethingIsThere() throws Exception {
    JoinHandle<Complete> readable = loop.spawn("reader", loop.readable(pipe.source()));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(loop.snapshot().tasks().get(0).waitReason()).isEqualTo("a readable channel");
    feed(3);
    loop.runUntil(readable.join());
    assertThat(drain()).isEqualTo(3);
  }

  @Test
  void aChannelIsWritableWhenThereIsRoom() throws Exception {
    loop.runUntil(loop.writable(pipe.sink()));
    while (pipe.sink().write(ByteBuffer.allocate(4096)) > 0) {
      // until it is full
    }
    JoinHandle<Complete> writable = loop.spawn("writer", loop.writable(pipe.sink()));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(loop.snapshot().tasks().get(0).waitReason()).isEqualTo("a writable channel");
    drain();
    loop.runUntil(writable.join());
    assertThat(pipe.sink().write(ByteBuffer.allocate(1))).isEqualTo(1);
  }

  @Test
  void twoTasksWaitForBothDirectionsOfOneChannel() throws Exception {
    try (DatagramChannel one = DatagramChannel.open().bind(anyPort());
        DatagramChannel other = DatagramChannel.open().bind(anyPort())) {
      one.configureBlocking(false);
      JoinHandle<Complete> readable = loop.spawn("reader", loop.readable(one));
      JoinHandle<Complete> writable = loop.spawn("writer", loop.writable(one));
      loop.runUntil(writable.join());
      assertThat(readable.isDone()).isFalse();
      other.send(ByteBuffer.allocate(1), one.getLocalAddress());
      loop.runUntil(readable.join());
      assertThat(one.receive(ByteBuffer.allocate(8))).isEqualTo(other.getLocalAddress());
    }
  }

  @Test
  void whatWasLeftIsReportedAgainAndWhatIsGoneIsNot() throws Exception {
    feed(2);
    for (int i = 0; i < 2; i++) {
      loop.runUntil(loop.readable(pipe.source()));
      assertThat(pipe.source().read(ByteBuffer.allocate(1))).isEqualTo(1);
    }
    JoinHandle<Complete> readable = loop.spawn(loop.readable(pipe.source()));
    loop.runFor(A_WHILE);
    assertThat(readable.isDone()).isFalse();
    feed(1);
    loop.runUntil(readable.join());
  }

  @Test
  void aReadinessThatWasReportedWhenNobodyWaitedIsNotToldLater() throws Exception {
    ChannelReadiness readiness = loop.watch(pipe.source());
    feed(1);
    loop.runUntil(readiness::pollReadable);
    assertThat(drain()).isEqualTo(1);
    feed(1);
    loop.runFor(A_WHILE); // reported, and nobody waits
    assertThat(drain()).isEqualTo(1);
    JoinHandle<Complete> readable = loop.spawn(readiness::pollReadable);
    loop.runFor(A_WHILE);
    assertThat(readable.isDone()).isFalse();
    feed(1);
    loop.runUntil(readable.join());
  }

  @Test
  void oneChannelHasOneReadinessHoweverItIsAskedFor() throws Exception {
    ChannelReadiness readiness = loop.watch(pipe.source());
    loop.spawn(loop.readable(pipe.source()));
    loop.runUntilStalled();
    assertThat(loop.watch(pipe.source())).isSameAs(readiness);
    assertThat(readiness.channel()).isSameAs(pipe.source());
    assertThat(readiness.isWatching()).isTrue();
    assertThat(loop.watch(pipe.sink())).isNotSameAs(readiness);
  }

  @Test
  void oneWhoIsOftenReadyGivesWay() throws Exception {
    feed(1);
    ChannelReadiness readiness = loop.watch(pipe.source());
    int[] polls = {0};
    long[] ready = {0};
    JoinHandle<Complete> reader =
        loop.spawn(
            "reader",
            cx -> {
              polls[0]++;
              while (readiness.pollReadable(cx).isReady()) {
                ready[0]++; // and does not read
              }
              return ready[0] < 100 ? Poll.pending() : Poll.ready();
            });
    int[] neighbour = {0};
    loop.spawn(
        "neighbour",
        cx -> {
          neighbour[0]++;
          if (reader.isDone()) {
            return Poll.ready();
          }
          cx.waker("itself").wake();
          return Poll.pending();
        });
    loop.runUntil(reader.join());
    assertThat(polls[0]).isGreaterThanOrEqualTo(100); // once a report
    assertThat(neighbour[0]).isGreaterThanOrEqualTo(100);
  }

  @Test
  void acceptAndConnectAreReadAndWrite() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(anyPort());
        SocketChannel client = SocketChannel.open()) {
      server.configureBlocking(false);
      client.configureBlocking(false);
      JoinHandle<Complete> acceptable = loop.spawn("acceptor", loop.readable(server));
      loop.runUntilStalled();
      if (!client.connect(server.getLocalAddress())) {
        loop.runUntil(loop.writable(client));
        assertThat(client.finishConnect()).isTrue();
      }
      loop.runUntil(acceptable.join());
      try (SocketChannel accepted = server.accept()) {
        assertThat(accepted).isNotNull();
        loop.runUntil(loop.writable(client)); // now in the other sense
        client.write(ByteBuffer.allocate(1));
        accepted.configureBlocking(false);
        loop.runUntil(loop.readable(accepted));
        assertThat(accepted.read(ByteBuffer.allocate(8))).isEqualTo(1);
      }
    }
  }

  @Test
  void aConnectionThatIsRefusedIsReportedAsWritable() throws Exception {
    InetSocketAddress nobody;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = (InetSocketAddress) gone.getLocalSocketAddress();
    }
    try (SocketChannel client = SocketChannel.open()) {
      client.configureBlocking(false);
      assertThatThrownBy(
              () -> {
                client.connect(nobody); // some systems tell at once
                loop.runUntil(loop.writable(client));
                client.finishConnect();
              })
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void theEndOfTheOtherSideIsReportedAsReadable() throws Exception {
    JoinHandle<Complete> readable = loop.spawn(loop.readable(pipe.source()));
    loop.runUntilStalled();
    pipe.sink().close();
    loop.runUntil(readable.join());
    assertThat(drain()).isEqualTo(-1);
  }

  @Test
  void aCancelledWaitGivesItsInterestBackAndDoesNotKeepTheLoopBusy() throws Exception {
    JoinHandle<Complete> readable = loop.spawn(loop.readable(pipe.source()));
    loop.runUntilStalled();
    assertThat(interest(pipe.source())).isEqualTo(pipe.source().validOps());
    readable.cancel();
    loop.runUntilStalled();
    assertThat(interest(pipe.source())).isZero();

    feed(1);
    loop.runFor(A_WHILE);
    assertThat(loop.lastRunSteps()).isZero();
    loop.runUntil(loop.readable(pipe.source())); // and a new one gets it
  }

  @Test
  void aReadinessThatNobodyAttendsToIsReportedNoMore() throws Exception {
    feed(1);
    loop.runUntil(loop.readable(pipe.source()));
    loop.runFor(A_WHILE);
    assertThat(interest(pipe.source())).isZero();
  }

  @Test
  void twoTasksThatWaitForOneDirectionAreToldAndNamed() throws Exception {
    JoinHandle<Complete> first = loop.spawn("first", loop.readable(pipe.source()));
    JoinHandle<Complete> second = loop.spawn("second", loop.readable(pipe.source()));
    second.toCompletableFuture();
    assertThatThrownBy(() -> loop.runUntil(first.join()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("first")
        .hasMessageContaining("second");
    assertThat(second.isDone()).isFalse(); // it did nothing wrong
    feed(1);
    loop.runUntil(second.join());
  }

  /** Without the owner's name on it, the cancel of the first would take the second one's place. */
  @Test
  void cancellingOneWhoseWaitWasTakenOverLeavesTheOtherOneWaiting() throws Exception {
    Pollable<Complete> first = loop.readable(pipe.source());
    Pollable<Complete> second = loop.readable(pipe.source());
    JoinHandle<Complete> waits = loop.spawn("second", second);
    loop.runUntil(
        cx -> {
          first.poll(cx); // takes its place,
          return Poll.ready();
        });
    loop.runUntilStalled(); // and loses it to it
    loop.post(first::cancel);
    loop.runUntilStalled();
    feed(1);
    loop.runUntil(waits.join());
  }

  @Test
  void aGrantThatIsCancelledLeavesNothingBehind() throws Exception {
    Pollable<Complete> first = loop.readable(pipe.source());
    loop.runUntil(
        cx -> {
          first.poll(cx);
          return Poll.ready();
        });
    feed(1);
    loop.runUntilStalled(); // granted, to one who is not polled any more
    assertThat(drain()).isEqualTo(1);
    loop.post(first::cancel);
    loop.runUntilStalled();
    JoinHandle<Complete> readable = loop.spawn(loop.readable(pipe.source()));
    loop.runFor(A_WHILE);
    assertThat(readable.isDone()).isFalse();
    feed(1);
    loop.runUntil(readable.join());
  }

  @Test
  void aBlockingChannelAndTheWrongDirectionAreRefusedByName() throws Exception {
    pipe.source().configureBlocking(true);
    assertThatThrownBy(() -> loop.watch(pipe.source()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("configureBlocking(false)")
        .hasMessageContaining("SourceChannel");
    assertThatThrownBy(() -> loop.runUntil(loop.readable(pipe.source())))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> loop.runUntil(loop.readable(pipe.sink())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("can not be read");
    pipe.source().configureBlocking(false);
    assertThatThrownBy(() -> loop.runUntil(loop.writable(pipe.source())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("can not be written");
  }

  @Test
  void aChannelThatIsGivenBackMayBlockAgainAndBeWatchedAgainAtOnce() throws Exception {
    ChannelReadiness readiness = loop.watch(pipe.source());
    JoinHandle<Complete> waits = loop.spawn("waits", readiness::pollReadable);
    loop.runUntilStalled();

    readiness.close();
    readiness.close();

    assertThat(readiness.isWatching()).isFalse();
    assertThatThrownBy(() -> loop.runUntil(waits.join()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("watch it again");
    ChannelReadiness again = loop.watch(pipe.source());
    assertThat(again).isNotSameAs(readiness);
    again.close();
    loop.watch(pipe.source()).close(); // the selector has not forgotten the key yet
    pipe.source().configureBlocking(true);
    feed(1);
    assertThat(drain()).isEqualTo(1);
  }

  @Test
  void closingTheDispatcherLeavesTheUsersChannelsOpen() throws Exception {
    loop.spawn(loop.readable(pipe.source()));
    loop.runUntilStalled();
    loop.close();
    assertThat(pipe.source().isOpen()).isTrue();
    feed(1);
    assertThat(drain()).isEqualTo(1);
    pipe.source().configureBlocking(true);
  }

  private int interest(SelectableChannel channel) {
    return loop.keyOf(channel).interestOps();
  }

  /** The selector reports a pending connection only, and wakes up for an established one. */
  @Test
  void aConnectionThatIsFinishedBeforeItWasReportedIsToldAndKeepsNobodyBusy() throws Exception {
    TestSelector selector = new TestSelector();
    try (SelectorDispatcher own =
            new SelectorDispatcher(DispatcherOptions.defaults(), () -> selector);
        ServerSocketChannel server = ServerSocketChannel.open().bind(anyPort());
        SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      ChannelReadiness readiness = own.watch(channel);
      boolean pending = !channel.connect(server.getLocalAddress());
      boolean[] finished = {!pending};
      JoinHandle<Complete> writable =
          own.spawn(
              "connects",
              cx -> {
                Poll<Complete> poll = readiness.pollWritable(cx);
                while (!finished[0]) {
                  finished[0] = channel.finishConnect();
                }
                return poll;
              });
      own.runFor(A_WHILE);
      assertThat(writable.isDone()).isTrue();
      int before = selector.selects.get();
      own.runFor(A_WHILE);
      assertThat(selector.selects.get() - before).isLessThan(10);
    }
  }
}
