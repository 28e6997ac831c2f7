package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Between two tasks of one loop a value costs the ready poll that carries it, and nothing else: no
 * node, no box, no buffer that grows.
 */
final class ChannelAllocationTest {
  private static final int TURNS = 100_000;

  /** Per run, whatever the number of turns. */
  private static final long CONSTANT = 4_096;

  /** {@code Poll.Ready}. */
  private static final long PER_VALUE = 16;

  private static final String VALUE = "value";

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private ThreadMXBean threads;
  private int received;

  @BeforeEach
  void countBytes() {
    assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
    threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
  }

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void spawn(Channel<String> channel) {
    Sender<String> sender = channel.newSender();
    Receiver<String> receiver = channel.newReceiver();
    loop.spawn(
        "sends",
        new Pollable<Object>() {
          @Override
          public Poll<Object> poll(Context cx) {
            while (sender.pollSend(cx, VALUE).isReady()) {
              Thread.onSpinWait();
            }
            return Poll.pending();
          }
        });
    loop.spawn(
        "receives",
        new Pollable<Object>() {
          @Override
          public Poll<Object> poll(Context cx) {
            for (; ; ) {
              Poll<@Nullable String> poll = receiver.pollReceive(cx);
              if (poll.isPending()) {
                return Poll.pending();
              }
              received++;
            }
          }
        });
  }

  private void assertOnlyTheValuesCost() {
    loop.runUntilStalled(TURNS);
    received = 0;
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    loop.runUntilStalled(TURNS);
    long bytes = threads.getThreadAllocatedBytes(id) - before;

    assertThat(received).isGreaterThan(TURNS / 4);
    assertThat(bytes).isLessThan(received * PER_VALUE + CONSTANT);
  }

  @Test
  void aBoundedChannelAllocatesNothing() {
    spawn(Channel.bounded(16, "bounded"));
    assertOnlyTheValuesCost();
  }

  @Test
  void aRendezvousAllocatesNothing() {
    spawn(Channel.rendezvous("rendezvous"));
    assertOnlyTheValuesCost();
  }

  /** {@link Send} and {@link Channel#receive}: a header, and what is not known from elsewhere. */
  private static final long PER_OPERATION = 24;

  /** A send that finds room, and a receive that is alone when it waits: no node, no cell. */
  @Test
  void aRoundTripOfOperationsIsSmall() {
    Channel<String> there = Channel.bounded(1, "there");
    Channel<String> back = Channel.bounded(1, "back");
    loop.spawn("serves", player(there, back, true));
    loop.spawn("returns", player(back, there, false));
    loop.runUntilStalled(TURNS);
    received = 0;
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    loop.runUntilStalled(TURNS);
    long bytes = threads.getThreadAllocatedBytes(id) - before;

    assertThat(received).isGreaterThan(TURNS / 4);
    assertThat(bytes).isLessThan(received * (PER_VALUE + 2 * PER_OPERATION) + CONSTANT);
  }

  private Pollable<Object> player(Channel<String> out, Channel<String> in, boolean first) {
    return new Pollable<>() {
      private @Nullable Send<String> send = first ? out.send(VALUE) : null;
      private @Nullable Pollable<@Nullable String> receive;

      @Override
      public Poll<Object> poll(Context cx) throws Exception {
        for (; ; ) {
          if (send != null) {
            if (send.poll(cx).isPending()) {
              return Poll.pending();
            }
            send = null;
          }
          if (receive == null) {
            receive = in.receive();
          }
          Poll<@Nullable String> poll = receive.poll(cx);
          if (poll.isPending()) {
            return Poll.pending();
          }
          receive = null;
          received++;
          send = out.send(VALUE);
        }
      }
    };
  }

  /** The memory of 300,000 channels that wait (tokio #7355): no buffer before it is needed. */
  @Test
  void aNewChannelIsSmallWhateverItsCapacity() {
    long id = Thread.currentThread().getId();
    List<Object> keep = new ArrayList<>(10_000);
    for (int i = 0; i < 1_000; i++) {
      keep.add(Channel.bounded(1_000_000));
    }
    long before = threads.getThreadAllocatedBytes(id);
    for (int i = 0; i < 1_000; i++) {
      Channel<String> channel = Channel.bounded(1_000_000);
      keep.add(channel);
      keep.add(channel.newSender());
      keep.add(channel.newReceiver());
    }
    long bytes = threads.getThreadAllocatedBytes(id) - before;

    assertThat(keep).hasSize(4_000);
    assertThat(bytes / 1_000).isLessThan(400);
  }
}
