package dev.reveille.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.io.BytePipe;
import dev.reveille.io.ChannelReadiness;
import dev.reveille.io.SelectorDispatcher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelReadinessExampleTest {
  private final List<Integer> handled = new ArrayList<>();

  private void handle(ByteBuffer datagram) {
    handled.add(datagram.remaining());
  }

  private Pollable<Complete> drain(ChannelReadiness readiness, DatagramChannel channel) {
    ByteBuffer buffer = ByteBuffer.allocate(1500);
    return cx -> {
      while (readiness.pollReadable(cx).isReady()) {
        while (channel.receive(buffer.clear()) != null) {
          handle(buffer.flip());
        }
      }
      return Poll.pending();
    };
  }

  /** Code that has its own channel, and knows how to read it. */
  private static final class Legacy {
    int receiveAll(DatagramChannel channel) throws IOException {
      int datagrams = 0;
      while (channel.receive(ByteBuffer.allocate(1500)) != null) {
        datagrams++;
      }
      return datagrams;
    }
  }

  @Test
  void aChannelOfTheUsersOwnIsReadWhenItIsReady() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (var dispatcher = new SelectorDispatcher();
        DatagramChannel channel = DatagramChannel.open().bind(any);
        DatagramChannel peer = DatagramChannel.open()) {
      channel.configureBlocking(false);
      Legacy legacy = new Legacy();
      Pollable<Integer> received =
          Pollables.map(dispatcher.readable(channel), ready -> legacy.receiveAll(channel));
      JoinHandle<Integer> handle = dispatcher.spawn(received);
      dispatcher.runUntilStalled();
      peer.send(ByteBuffer.allocate(7), channel.getLocalAddress());
      assertThat(dispatcher.runUntil(handle.join()).value()).isEqualTo(1);

      ChannelReadiness readiness = dispatcher.watch(channel);
      dispatcher.spawn(drain(readiness, channel));
      for (int size = 1; size <= 3; size++) {
        peer.send(ByteBuffer.allocate(size), channel.getLocalAddress());
      }
      while (handled.size() < 3) {
        dispatcher.runUntilStalled();
      }
      assertThat(handled).containsExactly(1, 2, 3);
    }
  }

  @Test
  void whatIsWrittenToAPipeIsReadFromIt() throws Exception {
    ByteBuffer message = ByteBuffer.wrap("through a pipe".getBytes(US_ASCII));
    ByteBuffer buffer = ByteBuffer.allocate(64);
    try (var dispatcher = new SelectorDispatcher()) {
      try (BytePipe pipe = dispatcher.openPipe()) {
        dispatcher.spawn("writer", pipe.sink().write(message)); // as far as there is room
        dispatcher.runUntil(pipe.source().read(buffer));
      }
    }
    assertThat(US_ASCII.decode(buffer.flip()).toString()).isEqualTo("through a pipe");
  }
}
