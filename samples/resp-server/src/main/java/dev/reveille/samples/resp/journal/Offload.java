package dev.reveille.samples.resp.journal;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Runs on an executor what may block; what it throws, or the executor's refusal, is reported. */
final class Offload {
  private final Executor executor;

  Offload(Executor executor) {
    this.executor = executor;
  }

  /** What may block and may throw. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  void run(Step step, Consumer<Throwable> onFailure) {
    try {
      executor.execute(
          () -> {
            try {
              step.run();
            } catch (IOException | RuntimeException | Error thrown) {
              onFailure.accept(thrown);
            }
          });
    } catch (RejectedExecutionException rejected) {
      onFailure.accept(rejected);
    }
  }
}
