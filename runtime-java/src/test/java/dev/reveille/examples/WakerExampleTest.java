package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Waker;
import dev.reveille.contract.Rig;
import org.junit.jupiter.api.Test;

class WakerExampleTest {
  static final class Gate {
    private boolean open;
    private Waker waiter = Waker.none();

    synchronized Poll<Complete> poll(Context cx) {
      if (open) {
        return Poll.ready();
      }
      waiter = cx.waker("the gate");
      return Poll.pending();
    }

    void open() { // any thread
      Waker waker;
      synchronized (this) {
        open = true;
        waker = waiter;
      }
      waker.wake(); // the task is polled again, and finds the gate open
    }
  }

  @Test
  void aTaskWaitsAtAGateThatAnotherThreadOpens() throws Exception {
    try (Rig rig = new Rig(BasicDispatcher::new)) {
      var dispatcher = rig.dispatcher();
      Gate gate = new Gate();
      JoinHandle<Complete> handle = dispatcher.spawn("waiter", gate::poll);
      var driving = rig.drive(dispatcher, d -> d.runToCompletion()).awaitAsleep();
      assertThat(handle.isDone()).isFalse();

      rig.elsewhere(gate::open);
      driving.awaitOutcome();

      assertThat(handle.isDone()).isTrue();
    }
  }
}
