package dev.reveille.callback;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.util.concurrent.FutureTask;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The one thread that finds what is lost: it lives on, and finds nothing that is in use. */
final class ReaperTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private volatile @Nullable Completer<String> given;

  @AfterEach
  void closeTheRig() throws Exception {
    rig.takeUncaught();
    rig.close();
  }

  private Completer<String> given() {
    return requireNonNull(given, "not begun");
  }

  @Test
  void aLoggerThatThrowsDoesNotEndTheReaper() {
    Logger logger = Logger.getLogger("dev.reveille.callback");
    Handler broken =
        new Handler() {
          @Override
          public void publish(LogRecord logged) {
            throw new IllegalStateException("of the log");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(broken);
    try {
      awaitEnd(loop.spawn(Completer.<String>pollable("the first", c -> {})));
    } finally {
      logger.removeHandler(broken);
    }

    awaitEnd(loop.spawn(Completer.<String>pollable("the second", c -> {})));
  }

  private void awaitEnd(JoinHandle<?> handle) {
    loop.runUntilStalled();
    assertThat(
            Rig.collectGarbageUntil(
                () -> {
                  loop.runUntilStalled();
                  return handle.isDone();
                }))
        .isTrue();
  }

  /** Lets go of the only reference, so that the completer is garbage as soon as it is not used. */
  private boolean completeTheLast() {
    Completer<String> last = given();
    given = null;
    return last.complete("a value");
  }

  @Test
  void aCompleterThatNobodyHoldsAnyMoreIsNotLostWhileItCompletes() throws Exception {
    for (int i = 0; i < 20_000; i++) { // compiled code forgets what it does not use any more
      loop.spawn(Completer.<String>pollable("an answer", c -> given = c));
      loop.runUntilStalled();
      completeTheLast();
      loop.runUntilStalled();
    }
    CallbackDiagnostics.of(loop).captureStacks(true);
    String slow = "n".repeat(10_000_000); // it takes a while to note the name of this thread
    for (int i = 0; i < 20; i++) {
      JoinHandle<String> handle =
          loop.spawn(Completer.<String>pollable("an answer", c -> given = c));
      loop.runUntilStalled();
      FutureTask<Boolean> completed = rig.start(slow, this::completeTheLast);
      while (!completed.isDone()) {
        System.gc();
      }
      assertThat(Rig.await(completed)).isTrue();
      loop.runUntilStalled();
      assertThat(handle.isDone()).isTrue();
    }
  }
}
