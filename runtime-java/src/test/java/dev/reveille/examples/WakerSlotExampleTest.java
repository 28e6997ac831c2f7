package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import dev.reveille.contract.Rig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WakerSlotExampleTest {
  static final class Promise<T> {
    private final WakerSlot slot = new WakerSlot();
    private volatile @Nullable T value;

    Poll<T> poll(Context cx) {
      T v = value;
      if (v == null) {
        slot.register(cx, "the promise");
        v = value; // it may have been kept in between
      }
      return v == null ? Poll.pending() : Poll.ready(v);
    }

    void keep(T v) { // any thread
      value = v;
      slot.wake();
    }
  }

  @Test
  void aTaskWaitsForAPromiseThatAnotherThreadKeeps() throws Exception {
    try (Rig rig = new Rig(BasicDispatcher::new)) {
      var dispatcher = rig.dispatcher();
      Promise<String> promise = new Promise<>();
      JoinHandle<String> handle = dispatcher.spawn("waiter", promise::poll);
      var driving = rig.drive(dispatcher, d -> d.runToCompletion()).awaitAsleep();

      rig.elsewhere(() -> promise.keep("as promised"));
      driving.awaitOutcome();

      assertThat(handle.toCompletableFuture()).isCompletedWithValue("as promised");
    }
  }
}
