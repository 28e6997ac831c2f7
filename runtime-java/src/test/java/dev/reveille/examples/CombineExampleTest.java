package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.MockTime;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.combine.ArmedSelect;
import dev.reveille.combine.Join;
import dev.reveille.combine.Outcome;
import dev.reveille.combine.PollableSet;
import dev.reveille.combine.Pollables;
import dev.reveille.combine.Retry;
import dev.reveille.combine.RetryPolicy;
import dev.reveille.combine.Select;
import dev.reveille.combine.ThrowingFunction;
import dev.reveille.combine.Timeout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CombineExampleTest {
  private final MockTime time = new MockTime();
  private final BasicDispatcher loop =
      new BasicDispatcher(DispatcherOptions.defaults().withTicker(time));
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheLoop() {
    loop.close();
  }

  private <T extends @Nullable Object> T run(Pollable<T> pollable) {
    JoinHandle<T> handle = loop.spawn(pollable);
    time.advance(Duration.ofHours(1));
    return handle.toCompletableFuture().join();
  }

  private static <T extends @Nullable Object> Pollable<T> never() {
    return cx -> cx.park();
  }

  @Test
  void join() {
    Pollable<String> title = Pollables.ready("Reveille");
    Pollable<String> body = Pollables.ready("wake up");

    Pollable<String> page = Join.both(title, body, (t, b) -> t + ": " + b);

    assertThat(run(page)).isEqualTo("Reveille: wake up");
  }

  @Test
  void select() {
    Pollable<String> slow = never();
    Pollable<String> fast = Pollables.ready("here");

    Pollable<String> reply = Pollables.map(Select.of(fast, slow), Select.Winner::value);

    assertThat(run(reply)).isEqualTo("here");
  }

  @Test
  void armedSelect() {
    Iterator<Pollable<String>> someOrders =
        List.of(Pollables.ready("order 1"), Pollables.ready("order 2"), this.<String>idle())
            .iterator();
    Iterator<Pollable<String>> someAlarms =
        List.of(Pollables.ready("alarm"), this.<String>idle()).iterator();
    Supplier<Pollable<String>> orders = someOrders::next;
    Supplier<Pollable<String>> alarms = someAlarms::next;

    ArmedSelect<String> select = ArmedSelect.of(List.of(orders.get(), alarms.get()));
    Pollable<Complete> body =
        cx -> {
          for (; ; ) {
            Poll<Select.Winner<String>> poll = select.pollNext(cx);
            if (poll.isPending()) {
              return Poll.pending();
            }
            int winner = poll.value().index();
            log.add(poll.value().value());
            select.arm(winner, winner == 0 ? orders.get() : alarms.get());
          }
        };

    loop.spawn(Pollables.withCleanup(body, select::cancel));
    loop.runUntilStalled();
    assertThat(log).containsExactly("order 1", "alarm", "order 2");
  }

  private <T extends @Nullable Object> Pollable<T> idle() {
    return never();
  }

  @Test
  void pollableSet() {
    List<Pollable<String>> requests =
        List.of(
            Pollables.ready("one"), Pollables.failed(new IOException()), Pollables.ready("three"));

    PollableSet<String> replies = new PollableSet<>();
    for (Pollable<String> request : requests) {
      replies.add(request);
    }
    Pollable<Complete> body =
        cx -> {
          for (; ; ) {
            Poll<@Nullable Outcome<String>> poll = replies.pollNext(cx);
            if (poll.isPending()) {
              return Poll.pending();
            }
            Outcome<String> outcome = poll.value();
            if (outcome == null) {
              return Poll.ready(); // all have finished
            }
            log.add(outcome.isSuccess() ? outcome.get() : "failed");
          }
        };
    loop.spawn(Pollables.withCleanup(body, replies::cancel));

    loop.runUntilStalled();
    assertThat(log).containsExactly("one", "failed", "three");
  }

  @Test
  void outcome() {
    Pollable<String> request = Pollables.failed(new IOException("no route"));
    PollableSet<String> requests = new PollableSet<>();
    requests.add(request);
    Pollable<String> first =
        Pollables.map(
            requests.next(),
            outcome -> {
              String line =
                  outcome instanceof Outcome.Failure<String> failure
                      ? failure.child() + " failed: " + failure.cause().getMessage()
                      : outcome.get();
              return line;
            });

    assertThat(run(first)).isEqualTo("failed failed: no route");
  }

  @Test
  void throwingFunction() {
    Pollable<Path> path = Pollables.ready(Path.of("no such file"));

    ThrowingFunction<Path, String> read = Files::readString; // throws IOException
    Pollable<String> config = Pollables.map(path, read);

    JoinHandle<String> handle = loop.spawn(config);
    CompletableFuture<String> result = handle.toCompletableFuture();
    loop.runUntilStalled();
    assertThat(result)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(NoSuchFileException.class);
  }

  @Test
  void timeout() {
    Pollable<String> request = never();

    Pollable<String> reply = Timeout.after(Duration.ofMillis(50), request).orElse("no reply");

    assertThat(run(reply)).isEqualTo("no reply");
  }

  private static final class Client {
    int requests;

    Pollable<String> request(String text) {
      return ++requests < 3
          ? Pollables.failed(new IOException("not yet"))
          : Pollables.ready("reply to " + text);
    }
  }

  @Test
  void retry() {
    Client client = new Client();
    SplittableRandom random = new SplittableRandom(1);

    RetryPolicy policy =
        RetryPolicy.defaults()
            .withAttempts(5)
            .withBackoff(Duration.ofMillis(50), 2, Duration.ofSeconds(5))
            .withJitter(0.5, random)
            .withRetries(e -> e instanceof IOException);
    Pollable<String> reply = Retry.of(policy).run(() -> client.request("ping"));

    assertThat(run(reply)).isEqualTo("reply to ping");
    assertThat(client.requests).isEqualTo(3);
  }

  private Pollable<String> read(String name) {
    return Pollables.ready("content of " + name);
  }

  @Test
  void smallBuilders() {
    assertThat(run(lengthOf(Pollables.ready("a")))).isEqualTo(12);
    assertThat(run(lengthOf(Pollables.failed(new IOException())))).isZero();
  }

  private Pollable<Integer> lengthOf(Pollable<String> lookUp) {
    Pollable<Integer> length =
        Pollables.recover(
            Pollables.map(Pollables.then(lookUp, this::read), String::length),
            IOException.class,
            e -> Pollables.ready(0));
    return length;
  }
}
