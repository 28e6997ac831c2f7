package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.MockTime;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OperationExampleTest {
  static final class Sleep extends Operation<Complete> {
    private final Duration duration;
    private @Nullable Timer timer;

    Sleep(Duration duration) {
      super("sleep");
      this.duration = duration;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      if (timer == null) { // the first poll: the time begins now
        timer = new Timer(cx.dispatcher());
        timer.reset(duration);
      }
      return timer.poll(cx);
    }

    @Override
    protected void doCancel() {
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  private final MockTime time = new MockTime();

  private BasicDispatcher dispatcher() {
    return new BasicDispatcher(DispatcherOptions.defaults().withTicker(time));
  }

  @Test
  void itIsReadyOnceAfterItsTime() {
    try (var dispatcher = dispatcher()) {
      Sleep sleep = new Sleep(Duration.ofSeconds(2));
      JoinHandle<Complete> handle = dispatcher.spawn(sleep);
      time.advance(Duration.ofMillis(1_999));
      assertThat(handle.isDone()).isFalse();
      time.advance(Duration.ofMillis(1));
      assertThat(handle.isDone()).isTrue();
      assertThatThrownBy(() -> dispatcher.runUntil(sleep))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("sleep");
    }
  }

  @Test
  void itsOwnerGivesItUpAndNoTimerIsLeft() {
    try (var dispatcher = dispatcher()) {
      Sleep sleep = new Sleep(Duration.ofSeconds(2));
      JoinHandle<Complete> handle = dispatcher.spawn(sleep);
      dispatcher.runUntilStalled();
      Timer timer = sleep.timer;
      assertThat(timer).isNotNull().returns(true, Timer::isPending);
      handle.cancel();
      dispatcher.runToCompletion();
      assertThat(timer).returns(false, Timer::isPending);
    }
  }
}
