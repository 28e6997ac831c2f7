package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.WakerSlot;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PollableExampleTest {
  @Test
  void aLambdaArrangesItsWakeBeforeItIsPending() {
    Queue<String> orders = new ConcurrentLinkedQueue<>();
    WakerSlot arrived = new WakerSlot();
    try (var dispatcher = new BasicDispatcher()) {
      Pollable<String> nextOrder =
          cx -> {
            String order = orders.poll();
            if (order == null) {
              arrived.register(cx, "an order"); // whoever adds one calls arrived.wake()
              order = orders.poll(); // it may have come in between
            }
            return order == null ? Poll.pending() : Poll.ready(order);
          };
      JoinHandle<String> first = dispatcher.spawn("first order", nextOrder);
      dispatcher.runUntilStalled();
      assertThat(first.isDone()).isFalse();

      orders.add("42 bolts");
      arrived.wake();
      dispatcher.runToCompletion();

      assertThat(first.toCompletableFuture()).isCompletedWithValue("42 bolts");
    }
  }

  /** A source of lines whose operation tells whether it was given up. */
  private static final class Lines {
    private final WakerSlot slot = new WakerSlot();
    private @Nullable String line;

    Operation<String> next() {
      return new Operation<>("next line") {
        @Override
        protected Poll<String> doPoll(Context cx) {
          if (line == null) {
            slot.register(cx, "a line");
            return Poll.pending();
          }
          return Poll.ready(line);
        }

        @Override
        protected void doCancel() {
          slot.clear();
        }
      };
    }

    void arrive(String text) {
      line = text;
      slot.wake();
    }
  }

  @Test
  void aBodyThatOwnsItsChildPassesCancellationOn() {
    Lines lines = new Lines();
    try (var dispatcher = new BasicDispatcher()) {
      Pollable<String> line = lines.next();
      Pollable<Integer> length =
          Pollable.owning(List.of(line), cx -> line.poll(cx).map(String::length));
      JoinHandle<Integer> handle = dispatcher.spawn("length", length);
      dispatcher.runUntilStalled();
      assertThat(lines.slot.isRegistered()).isTrue();
      handle.cancel();
      dispatcher.runToCompletion();
      assertThat(lines.slot.isRegistered()).isFalse();
    }
  }

  @Test
  void aBodyThatOwnsItsChildMapsItsValue() {
    Lines lines = new Lines();
    Pollable<String> line = lines.next();
    Pollable<Integer> length =
        Pollable.owning(List.of(line), cx -> line.poll(cx).map(String::length));
    try (var dispatcher = new BasicDispatcher()) {
      JoinHandle<Integer> handle = dispatcher.spawn("length", length);
      dispatcher.runUntilStalled();
      lines.arrive("hello");
      dispatcher.runToCompletion();
      assertThat(handle.toCompletableFuture()).isCompletedWithValue(5);
    }
  }
}
