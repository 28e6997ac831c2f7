package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.WakerSlot;
import org.junit.jupiter.api.Test;

class PollExampleTest {
  private final WakerSlot slot = new WakerSlot();
  private int reading = Integer.MIN_VALUE;

  private Poll<Integer> read(Context cx) {
    if (reading == Integer.MIN_VALUE) {
      slot.register(cx, "a reading");
      return Poll.pending();
    }
    return Poll.ready(reading);
  }

  private static Poll<Integer> fahrenheit(Pollable<Integer> sensor, Context cx) throws Exception {
    Poll<Integer> celsius = sensor.poll(cx);
    if (celsius.isPending()) {
      return Poll.pending(); // the sensor has arranged the wake
    }
    return Poll.ready(celsius.value() * 9 / 5 + 32); // or: return celsius.map(c -> c * 9 / 5 + 32)
  }

  @Test
  void pendingIsPassedOnAndAValueIsUsed() {
    try (var dispatcher = new BasicDispatcher()) {
      JoinHandle<Integer> handle =
          dispatcher.spawn("thermometer", cx -> fahrenheit(this::read, cx));
      dispatcher.runUntilStalled();
      assertThat(handle.isDone()).isFalse();

      reading = 100;
      slot.wake();
      dispatcher.runToCompletion();

      assertThat(handle.toCompletableFuture()).isCompletedWithValue(212);
    }
  }
}
