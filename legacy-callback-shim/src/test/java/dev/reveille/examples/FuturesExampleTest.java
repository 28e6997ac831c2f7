package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.SourceCancel;
import dev.reveille.combine.Pollables;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

final class FuturesExampleTest {

  private record Quote(String price) {}

  private static final class Exchange {
    final CompletableFuture<Quote> quote = new CompletableFuture<>();

    CompletableFuture<Quote> quote(String name) {
      return quote;
    }
  }

  @Test
  void aStage() throws Exception {
    Exchange exchange = new Exchange();
    Pollable<String> price =
        Pollables.map(Callbacks.fromStage(exchange.quote("REV")), Quote::price);
    try (BasicDispatcher loop = new BasicDispatcher()) {
      exchange.quote.complete(new Quote("12.50"));
      assertThat(loop.runUntil(price).value()).isEqualTo("12.50");
    }
  }

  @Test
  void aCancelReachesTheExchange() {
    Exchange exchange = new Exchange();
    Pollable<String> price =
        Pollables.map(Callbacks.fromStage(exchange.quote("REV")), Quote::price);
    try (BasicDispatcher loop = new BasicDispatcher()) {
      JoinHandle<String> handle = loop.spawn(price);
      loop.runUntilStalled();
      handle.cancel();
      loop.runUntilStalled();
      assertThat(exchange.quote).isCancelled();
    }
  }

  private static final class Session {}

  private static final class Connecting extends FutureTask<Session> {
    private Runnable told = () -> {};

    Connecting() {
      super(Session::new);
    }

    void addListener(Runnable listener, Executor executor) {
      told = () -> executor.execute(listener);
    }

    @Override
    protected void done() {
      told.run();
    }
  }

  @Test
  void aFutureWithAListener() throws Exception {
    Connecting connecting = new Connecting();
    Pollable<Session> session =
        Callbacks.fromListenable(
            connecting, (f, listener) -> f.addListener(listener, Runnable::run));
    try (BasicDispatcher loop = new BasicDispatcher()) {
      JoinHandle<Session> handle = loop.spawn(session);
      loop.runUntilStalled();
      connecting.run();
      assertThat(loop.runUntil(handle.join()).value()).isNotNull();
    }
  }

  @Test
  void aFutureThatOthersWaitForToo() {
    CompletableFuture<String> shared = new CompletableFuture<>();
    Pollable<String> config = // others wait for it, too
        Callbacks.fromStage(
            "the configuration", CallOptions.defaults(), shared, SourceCancel.LEAVE);
    try (BasicDispatcher loop = new BasicDispatcher()) {
      JoinHandle<String> handle = loop.spawn(config);
      loop.runUntilStalled();
      handle.cancel();
      loop.runUntilStalled();
      assertThat(handle.isDone()).isTrue();
    }
    assertThat(shared).isNotDone();
  }
}
