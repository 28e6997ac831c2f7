package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.CompletionCallback;
import dev.reveille.callbacks.ElementCallback;
import dev.reveille.combine.Pollables;
import dev.reveille.sync.PollStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WayBackExampleTest {
  private final List<String> log = new ArrayList<>();

  /** Code that knows only callbacks. */
  private final class Legacy {
    void onFound(@Nullable String address, @Nullable Throwable error) {
      log.add(error == null ? address : error.getMessage());
    }

    void onAnswer(String answer) {
      log.add(answer);
    }

    void onLine(String line) {
      log.add(line);
    }

    void onEnd() {
      log.add("end");
    }

    void onError(String message) {
      log.add("error: " + message);
    }

    void onAbort() {
      log.add("abort");
    }

    void onPrice(int price) {
      log.add("price: " + price);
    }

    void show(int total) {
      log.add("total: " + total);
    }
  }

  private final Legacy legacy = new Legacy();

  private static final class Directory {
    Pollable<String> find(String name) {
      return Pollables.ready("127.0.0.1 " + name);
    }
  }

  @Test
  void aLambdaAtTheEnd() {
    Directory directory = new Directory();
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      JoinHandle<Complete> lookUp =
          Callbacks.onComplete(
              dispatcher,
              directory.find("reveille"),
              (address, error) -> legacy.onFound(address, error));
      dispatcher.runToCompletion();
      assertThat(lookUp.isDone()).isTrue();
    }
    assertThat(log).containsExactly("127.0.0.1 reveille");
  }

  @Test
  void aMethodForEachEnd() {
    final class Reply implements CompletionCallback<String> {
      @Override
      public void completed(String answer) {
        legacy.onAnswer(answer);
      }

      @Override
      public void failed(Throwable cause) {
        legacy.onError(cause.getMessage());
      }

      @Override
      public void cancelled(CancellationException cause) {
        legacy.onAbort();
      }
    }
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      Callbacks.onComplete(dispatcher, Pollables.ready("42"), new Reply());
      Callbacks.onComplete(dispatcher, Pollables.failed(new IOException("gone")), new Reply());
      Callbacks.<String>onComplete(dispatcher, cx -> cx.park(), new Reply()).cancel();
      dispatcher.runToCompletion();
    }
    assertThat(log).containsExactlyInAnyOrder("42", "error: gone", "abort");
  }

  @Test
  void aMethodForEachElementAndEachEnd() {
    final class Screen implements ElementCallback<String> {
      @Override
      public void next(String line) {
        legacy.onLine(line);
      }

      @Override
      public void completed() {
        legacy.onEnd();
      }

      @Override
      public void failed(Throwable cause) {
        legacy.onError(cause.getMessage());
      }

      @Override
      public void cancelled(CancellationException cause) {
        legacy.onAbort();
      }
    }
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      Callbacks.onEach(dispatcher, PollStream.of("one", "two"), new Screen());
      dispatcher.runToCompletion();
    }
    assertThat(log).containsExactly("one", "two", "end");
  }

  @Test
  void aLambdaForEachElement() {
    PollStream<Integer> prices = PollStream.of(10, 12);
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      JoinHandle<Complete> feed = Callbacks.onEach(dispatcher, prices, legacy::onPrice);
      dispatcher.runToCompletion();
      assertThat(feed.isDone()).isTrue();
    }
    assertThat(log).containsExactly("price: 10", "price: 12");
  }

  @Test
  void aFuture() {
    Pollable<Integer> sum = Pollables.ready(42);
    Executor ui = Runnable::run;
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      CompletableFuture<Integer> total = Callbacks.toCompletableFuture(dispatcher, sum);
      total.orTimeout(5, TimeUnit.SECONDS).thenAcceptAsync(legacy::show, ui);
      dispatcher.runToCompletion();
    }
    assertThat(log).containsExactly("total: 42");
  }
}
