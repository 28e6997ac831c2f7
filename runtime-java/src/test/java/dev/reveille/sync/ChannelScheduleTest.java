package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random steps of several ends and operations, each compared with what {@link ChannelModel} does.
 */
final class ChannelScheduleTest extends OnOneLoop {
  private static final int SCHEDULES = 60;
  private static final int STEPS = 120;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5, Integer.MAX_VALUE})
  void itDoesWhatTheModelDoes(int capacity) {
    for (int seed = 0; seed < SCHEDULES; seed++) {
      Schedule schedule = new Schedule(loop, capacity, seed);
      try {
        schedule.run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ":\n" + String.join("\n", schedule.log), e);
      }
    }
  }

  /** A sender or receiver in a task of its own, and what it waits for. */
  private static final class User {
    final String name;
    final Actor actor;
    final Sender<Integer> sender;
    final Receiver<Integer> receiver;
    ChannelModel.@Nullable Ticket sending;
    ChannelModel.@Nullable Ticket receiving;

    int sends;
    int receives;

    /** Its receiver is polled, and not ready yet. */
    boolean pending;

    /** What it receives with if it is not its receiver itself. */
    @Nullable Pollable<@Nullable Integer> operation;

    /** What it sends with if it is not its sender itself. */
    @Nullable Send<Integer> send;

    User(String name, Actor actor, Channel<Integer> channel) {
      this.name = name;
      this.actor = actor;
      this.sender = channel.newSender();
      this.receiver = channel.newReceiver();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final class Schedule {
    final List<String> log = new ArrayList<>();
    private final Random random;
    private final Channel<Integer> channel;
    private final ChannelModel model;
    private final List<Integer> undelivered = new ArrayList<>();
    private final List<User> users = new ArrayList<>();
    private final List<SendPermit<Integer>> permits = new ArrayList<>();
    private int next;

    Schedule(RunnableDispatcher loop, int capacity, int seed) {
      random = new Random(seed);
      channel =
          capacity == 0
              ? Channel.rendezvous()
              : capacity == Integer.MAX_VALUE ? Channel.unbounded() : Channel.bounded(capacity);
      channel.onUndelivered(undelivered::add);
      model = new ChannelModel(capacity);
      for (String name : List.of("a", "b", "c", "d")) {
        users.add(new User(name, new Actor(loop, name), channel));
      }
    }

    void run() {
      for (int i = 0; i < STEPS; i++) {
        User user = users.get(random.nextInt(users.size()));
        switch (random.nextInt(12)) {
          case 0, 1, 2 -> send(user, false);
          case 3 -> send(user, true);
          case 4, 5, 6 -> receive(user);
          case 7 -> cancelSend(user);
          case 8 -> cancelReceive(user);
          case 9 -> attempt(user);
          case 10 -> settlePermit();
          default -> {
            if (i > STEPS / 2 && random.nextInt(8) == 0) {
              close();
            }
          }
        }
        compare();
      }
      for (User user : users) {
        say(user + " closes its receiver");
        if (user.receiving != null) {
          model.cancelReceive(user.receiving);
        }
        if (user.operation != null) {
          user.operation.cancel();
        }
        if (user == users.get(users.size() - 1)) {
          model.receiversGone();
        }
        user.receiver.close();
      }
      compare();
    }

    private void say(String step) {
      log.add(model + "   now: " + step);
    }

    private void compare() {
      assertThat(channel.size()).isEqualTo(model.buffer.size());
      assertThat(channel.waitingSenders()).isEqualTo(model.senders.size());
      assertThat(channel.waitingReceivers()).isEqualTo(model.receivers.size());
      assertThat(channel.isClosed()).isEqualTo(model.closed);
      assertThat(channel.remainingCapacity())
          .isEqualTo(Math.max(0, model.capacity - model.buffer.size() - model.permits));
      assertThat(undelivered).isEqualTo(model.undelivered);
    }

    /** Begins a send or a reserve, or polls the pending one again. */
    private void send(User user, boolean reserve) {
      ChannelModel.Ticket ticket = user.sending;
      boolean reserves = ticket == null ? reserve : ticket.value == null;
      Integer value = ticket != null ? ticket.value : reserves ? null : Integer.valueOf(++next);
      say(user + (reserves ? " reserves" : " sends " + value) + (ticket == null ? "" : " again"));
      if (model.closed && (ticket == null || reserves || !ticket.done)) {
        if (ticket != null && ticket.done) {
          model.permits--;
        }
        user.sending = null;
        boolean begins = ticket == null;
        assertThatThrownBy(() -> pollSend(user, value, begins))
            .isInstanceOf(ChannelClosedException.class);
        return;
      }
      boolean begins = ticket == null;
      if (ticket == null) {
        ticket = model.send(user.name, value);
      }
      user.sending = ticket.done ? null : ticket;
      assertThat(pollSend(user, value, begins)).isEqualTo(ticket.done);
    }

    private boolean pollSend(User user, @Nullable Integer value, boolean begins) {
      if (value != null) {
        if (begins) {
          user.send = random.nextBoolean() ? user.sender.send(value) : null;
        }
        Send<Integer> send = user.send;
        if (send == null) {
          return user.actor.does(cx -> user.sender.pollSend(cx, value)).isReady();
        }
        assertThat(send.value()).isEqualTo(value);
        boolean sent = anybody(user.sends++).does(send::poll).isReady();
        assertThat(send.isSent()).isEqualTo(sent);
        return sent;
      }
      Poll<SendPermit<Integer>> poll = user.actor.does(cx -> user.sender.pollReserve(cx));
      if (poll.isReady()) {
        permits.add(poll.value());
      }
      return poll.isReady();
    }

    private void receive(User user) {
      ChannelModel.Ticket ticket = user.receiving;
      say(user + " receives" + (ticket == null ? "" : " again"));
      boolean handed = ticket != null && ticket.done;
      if (!handed && model.closed && model.buffer.isEmpty()) {
        user.receiving = null;
        Poll<@Nullable Integer> end = pollReceive(user);
        assertThat(end.isReady()).isTrue();
        assertThat(end.value()).isNull();
        return;
      }
      // One that was told the end may find a value that came back.
      if (ticket == null || (!handed && !model.receivers.contains(ticket))) {
        ticket = model.receive(user.name);
      }
      user.receiving = ticket.done ? null : ticket;
      Poll<@Nullable Integer> poll = pollReceive(user);
      assertThat(poll.isReady()).isEqualTo(ticket.done);
      if (ticket.done) {
        assertThat(poll.value()).isEqualTo(ticket.received);
      }
    }

    private Poll<@Nullable Integer> pollReceive(User user) {
      Pollable<@Nullable Integer> operation = user.operation;
      if (operation == null && !user.pending && random.nextBoolean()) {
        operation = random.nextBoolean() ? user.receiver.receive() : channel.receive();
        user.operation = operation;
      }
      if (operation == null) {
        Poll<@Nullable Integer> poll = user.actor.does(cx -> user.receiver.pollReceive(cx));
        user.pending = poll.isPending();
        return poll;
      }
      Poll<@Nullable Integer> poll = anybody(user.receives++).does(operation::poll);
      if (poll.isReady()) {
        user.operation = null;
      }
      return poll;
    }

    /** In turns, so that an operation changes hands, and never comes back to who had it before. */
    private Actor anybody(int turn) {
      return users.get(turn % users.size()).actor;
    }

    private void cancelSend(User user) {
      ChannelModel.Ticket ticket = user.sending;
      user.sending = null;
      say(user + " gives up to send");
      if (ticket == null) {
        assertThat(user.sender.cancelSend()).isNull();
      } else if (ticket.value == null) {
        model.cancelSend(ticket);
        user.sender.cancelReserve();
      } else if (user.send != null) {
        user.send.cancel();
        assertThat(user.send.isSent()).isNotEqualTo(model.cancelSend(ticket));
      } else {
        assertThat(user.sender.cancelSend())
            .isEqualTo(model.cancelSend(ticket) ? ticket.value : null);
      }
    }

    private void cancelReceive(User user) {
      say(user + " gives up to receive");
      if (user.receiving != null) {
        model.cancelReceive(user.receiving);
        user.receiving = null;
      }
      if (user.operation != null) {
        user.operation.cancel();
        user.operation = null;
      }
      user.receiver.cancelReceive();
      user.pending = false;
    }

    private void attempt(User user) {
      if (random.nextBoolean()) {
        int value = ++next;
        say(user + " tries to send " + value);
        assertThat(user.sender.trySend(value)).isEqualTo(model.trySend(value));
      } else {
        say("somebody tries to receive");
        assertThat(channel.tryReceive()).isEqualTo(model.tryReceive());
      }
    }

    private void settlePermit() {
      if (permits.isEmpty()) {
        return;
      }
      SendPermit<Integer> permit = permits.remove(random.nextInt(permits.size()));
      if (random.nextInt(3) == 0) {
        say("a permit is closed");
        model.settlePermit(null);
        permit.close();
        return;
      }
      int value = ++next;
      say("a permit sends " + value);
      if (model.settlePermit(value) == TrySendResult.SENT) {
        permit.send(value);
      } else {
        assertThatThrownBy(() -> permit.send(value)).isInstanceOf(ChannelClosedException.class);
      }
    }

    private void close() {
      say("close");
      model.close();
      channel.close();
    }
  }
}
