package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.sync.Channel;
import dev.reveille.sync.Receiver;
import dev.reveille.sync.Send;
import dev.reveille.sync.SendPermit;
import dev.reveille.sync.Sender;
import dev.reveille.sync.TrySendResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The examples in the documentation of the channel and its ends. */
final class ChannelExampleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void aWorkerDoesItsJobsUntilTheChannelIsClosed() {
    List<String> done = new ArrayList<>();

    Channel<String> jobs = Channel.bounded(16, "jobs");
    Receiver<String> worker = jobs.newReceiver();
    loop.spawn(
        "worker",
        cx -> {
          for (; ; ) {
            Poll<@Nullable String> poll = worker.pollReceive(cx);
            if (poll.isPending()) {
              return Poll.pending();
            }
            String job = poll.value();
            if (job == null) {
              return Poll.ready(); // closed, and all jobs are done
            }
            done.add(job);
          }
        });
    jobs.trySend("sweep");
    jobs.trySend("mop");
    jobs.close();

    loop.runToCompletion();
    assertThat(done).containsExactly("sweep", "mop");
  }

  @Test
  void aSenderCountsAndAReceiverAddsUp() throws Exception {
    Channel<Integer> channel = Channel.bounded(1);

    Sender<Integer> sender = channel.newSender();
    int[] next = {1};
    loop.spawn(
        "counts to three",
        cx -> {
          while (next[0] <= 3) {
            if (sender.pollSend(cx, next[0]).isPending()) {
              return Poll.pending();
            }
            next[0]++;
          }
          sender.close();
          return Poll.ready();
        });

    Receiver<Integer> receiver = channel.newReceiver();
    JoinHandle<Integer> sum =
        loop.spawn(
            "adds up",
            new Pollable<Integer>() {
              private int sum;

              @Override
              public Poll<Integer> poll(Context cx) {
                for (; ; ) {
                  Poll<@Nullable Integer> poll = receiver.pollReceive(cx);
                  if (poll.isPending()) {
                    return Poll.pending();
                  }
                  Integer value = poll.value();
                  if (value == null) {
                    return Poll.ready(sum); // no sender is left
                  }
                  sum += value;
                }
              }

              @Override
              public void cancel() {
                receiver.close();
              }
            });

    assertThat(loop.runUntil(sum.join()).value()).isEqualTo(6);
  }

  @Test
  void aSendThatWasGivenUpTellsWhetherItsValueWent() {
    Channel<String> channel = Channel.rendezvous();
    Sender<String> sender = channel.newSender();
    List<String> keep = new ArrayList<>();

    Send<String> send = sender.send("report");
    loop.spawn(send).cancel();
    loop.runUntilStalled();
    if (!send.isSent()) {
      keep.add("report");
    }

    assertThat(keep).containsExactly("report");
  }

  @Test
  void aPlaceIsReservedBeforeTheJobIsTaken() {
    Channel<String> channel = Channel.bounded(1);
    Sender<String> sender = channel.newSender();
    Queue<String> queue = new ArrayDeque<>(List.of("sweep"));
    channel.trySend("mop");

    Pollable<SendPermit<String>> reserve = sender.reserve();
    loop.spawn(
        Pollable.owning(
            List.of(reserve),
            cx -> {
              Poll<SendPermit<String>> poll = reserve.poll(cx);
              if (poll.isPending()) {
                return Poll.pending(); // and no job was taken from the queue
              }
              try (SendPermit<String> permit = poll.value()) {
                permit.send(queue.remove()); // if that throws, the place is given back
              }
              return Poll.ready();
            }));

    loop.runUntilStalled();
    assertThat(queue).containsExactly("sweep");
    assertThat(channel.tryReceive()).isEqualTo("mop");
    loop.runToCompletion();
    assertThat(queue).isEmpty();
    assertThat(channel.tryReceive()).isEqualTo("sweep");
  }

  /** Two tasks of one loop that throw a ball to each other. */
  @Test
  void pingPong() throws Exception {
    Channel<Integer> ping = Channel.rendezvous("ping");
    Channel<Integer> pong = Channel.rendezvous("pong");
    JoinHandle<Integer> server =
        loop.spawn("server", new Player(ping.newSender(), pong.newReceiver(), 0));
    loop.spawn("returner", new Player(pong.newSender(), ping.newReceiver(), -1));

    assertThat(loop.runUntil(server.join()).value()).isEqualTo(100);
    assertThat(ping.isClosed()).isTrue();
    assertThat(pong.trySend(0)).isEqualTo(TrySendResult.CLOSED);
  }

  /** Throws the ball back with one more, until it is a hundred. */
  private static final class Player implements Pollable<Integer> {
    private static final int LAST = 100;

    private final Sender<Integer> out;
    private final Receiver<Integer> in;

    /** What is to be thrown; less than zero: the ball is on its way here. */
    private int ball;

    Player(Sender<Integer> out, Receiver<Integer> in, int ball) {
      this.out = out;
      this.in = in;
      this.ball = ball;
    }

    @Override
    public Poll<Integer> poll(Context cx) {
      for (; ; ) {
        if (ball >= 0) {
          if (out.pollSend(cx, ball).isPending()) {
            return Poll.pending();
          }
          ball = -1;
        }
        Poll<@Nullable Integer> poll = in.pollReceive(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        Integer caught = poll.value();
        if (caught == null || caught == LAST) {
          cancel();
          return Poll.ready(LAST);
        }
        ball = caught + 1;
      }
    }

    @Override
    public void cancel() {
      out.close();
      in.close();
    }
  }
}
