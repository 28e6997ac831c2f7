package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.sync.AsyncMutex;
import dev.reveille.sync.Barrier;
import dev.reveille.sync.Broadcast;
import dev.reveille.sync.LaggedException;
import dev.reveille.sync.Notify;
import dev.reveille.sync.OneShot;
import dev.reveille.sync.Semaphore;
import dev.reveille.sync.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The examples in the documentation of what tasks share. */
final class SyncExampleTest {
  private final BasicDispatcher loop = new BasicDispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void close() {
    loop.close();
  }

  @Test
  void aClientIsConnectedWhileItHoldsAPermit() {
    Semaphore connections = new Semaphore("connections", 2);
    Pollable<Semaphore.Permit> acquire = connections.acquire();
    loop.spawn(
        "client",
        Pollable.owning(
            List.of(acquire),
            cx -> {
              Poll<Semaphore.Permit> poll = acquire.poll(cx);
              if (poll.isPending()) {
                return Poll.pending();
              }
              try (Semaphore.Permit permit = poll.value()) {
                log.add("connected, " + connections.availablePermits() + " left");
              }
              return Poll.ready();
            }));
    loop.runUntilStalled();

    assertThat(log).containsExactly("connected, 1 left");
    assertThat(connections.availablePermits()).isEqualTo(2);
  }

  @Test
  void aTaskHoldsTheLockByItsGuard() {
    AsyncMutex mutex = new AsyncMutex("journal");
    Pollable<AsyncMutex.Guard> lock = mutex.lock();
    loop.spawn(
        "writer",
        Pollable.owning(
            List.of(lock),
            cx -> {
              Poll<AsyncMutex.Guard> poll = lock.poll(cx);
              if (poll.isPending()) {
                return Poll.pending();
              }
              try (AsyncMutex.Guard guard = poll.value()) {
                log.add("held by " + mutex.holder());
              }
              return Poll.ready();
            }));
    loop.runUntilStalled();

    assertThat(log).containsExactly("held by writer");
    assertThat(mutex.isLocked()).isFalse();
  }

  @Test
  void aConsumerListensBeforeItLooks() {
    Queue<String> queue = new ConcurrentLinkedQueue<>();
    Notify notify = new Notify("queue");
    Notify.Listener listener = notify.listener();
    loop.spawn(
        "consumer",
        new Pollable<Complete>() {
          @Override
          public Poll<Complete> poll(Context cx) {
            for (; ; ) {
              Poll<Complete> notified = listener.pollNotified(cx); // first listen,
              String item = queue.poll(); // then look
              if (item != null) {
                log.add(item);
                listener.close(); // what came in between is for the next consumer
                return Poll.ready();
              }
              if (notified.isPending()) {
                return Poll.pending();
              }
            }
          }

          @Override
          public void cancel() {
            listener.close();
          }
        });
    queue.add("an item"); // first change,
    notify.notifyOne(); // then notify
    loop.runUntilStalled();

    assertThat(log).containsExactly("an item");
  }

  @Test
  void partiesWaitForEachOther() {
    Barrier barrier = new Barrier(2);
    for (String name : List.of("left", "right")) {
      Pollable<Barrier.Role> arrival = barrier.await();
      loop.spawn(
          name,
          Pollable.owning(
              List.of(arrival),
              cx -> {
                Poll<Barrier.Role> poll = arrival.poll(cx);
                if (poll.isPending()) {
                  return Poll.pending();
                }
                log.add(name + " goes on as " + poll.value());
                return Poll.ready();
              }));
    }
    loop.runUntilStalled();

    assertThat(log)
        .containsExactlyInAnyOrder("left goes on as FOLLOWER", "right goes on as LEADER");
  }

  @Test
  void anAnswerComesFromElsewhere() throws Exception {
    OneShot<String> answer = new OneShot<>("answer");
    Pollable<String> receive = answer.receiver().receive();
    loop.spawn("client", Pollable.owning(List.of(receive), cx -> receive.poll(cx).map(log::add)));
    Thread server = new Thread(() -> answer.sender().send("42"));
    loop.runUntilStalled();
    server.start();
    server.join();
    loop.runUntilStalled();

    assertThat(log).containsExactly("42");
  }

  @Test
  void aReaderGetsAllNewsToTheEnd() {
    Broadcast<String> news = new Broadcast<>("news", 16);
    Broadcast.Receiver<String> receiver = news.subscribe();
    loop.spawn(
        "reader",
        new Pollable<Complete>() {
          @Override
          public Poll<Complete> poll(Context cx) {
            for (; ; ) {
              try {
                Poll<@Nullable String> poll = receiver.pollReceive(cx);
                if (poll.isPending()) {
                  return Poll.pending();
                }
                String value = poll.value();
                if (value == null) {
                  return Poll.ready(); // the end
                }
                log.add(value);
              } catch (LaggedException e) {
                log.add(e.missed() + " missed");
              }
            }
          }

          @Override
          public void cancel() {
            receiver.close();
          }
        });
    news.send("one");
    news.send("two");
    news.close();
    loop.runUntilStalled();

    assertThat(log).containsExactly("one", "two");
  }

  @Test
  void aLoggerLearnsTheNewestLevel() {
    Watch<String> level = new Watch<>("log level", "INFO");
    Watch.Receiver<String> receiver = level.subscribe();
    loop.spawn(
        "logger",
        new Pollable<Complete>() {
          @Override
          public Poll<Complete> poll(Context cx) {
            for (; ; ) {
              Poll<@Nullable String> poll = receiver.pollChanged(cx);
              if (poll.isPending()) {
                return Poll.pending();
              }
              String value = poll.value();
              if (value == null) {
                return Poll.ready(); // the end
              }
              log.add(value);
            }
          }

          @Override
          public void cancel() {
            receiver.close();
          }
        });
    level.set("WARN");
    level.set("DEBUG");
    level.close();
    loop.runUntilStalled();

    assertThat(log).containsExactly("DEBUG");
  }
}
