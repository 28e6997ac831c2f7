package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.MockTime;
import dev.reveille.callbacks.executors.CallbackDispatcher;
import dev.reveille.callbacks.executors.CallbackFunction;
import dev.reveille.callbacks.executors.CallbackStatus;
import dev.reveille.callbacks.executors.CallbackTask;
import dev.reveille.callbacks.executors.DispatcherExecutorService;
import dev.reveille.callbacks.executors.ShutdownPolicy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ExecutorsExampleTest {
  private final MockTime time = new MockTime();
  private final BasicDispatcher dispatcher =
      new BasicDispatcher(DispatcherOptions.defaults().withTicker(time));
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void close() {
    dispatcher.close();
  }

  private static final class Led {
    int toggles;

    void toggle() {
      toggles++;
    }
  }

  /** A file or a buffer, whose calls are written down. */
  private final class Resource {
    void write(Resource what) {
      log.add("written");
    }

    void release() {
      log.add("released");
    }
  }

  @Test
  void aTimeoutThatIsPostedAgainAndAgain() {
    CallbackDispatcher callbacks = CallbackDispatcher.of(dispatcher);
    CallbackTask timeout =
        new CallbackTask("timeout", (context, status) -> log.add("timeout: " + status));
    callbacks.postAfter(timeout, Duration.ofSeconds(5));
    callbacks.postAfter(timeout, Duration.ofSeconds(9)); // a sign of life: wait longer
    boolean inTime = callbacks.cancel(timeout); // true, and nobody calls it
    callbacks.post(timeout);
    callbacks.requestStop(); // now it hears that it is cancelled

    dispatcher.runToCompletion();
    assertThat(inTime).isTrue();
    assertThat(log).containsExactly("timeout: CANCELLED");
  }

  @Test
  void aTaskThatPostsItself() {
    CallbackDispatcher callbacks = CallbackDispatcher.of(dispatcher);
    Led led = new Led();
    CallbackTask blink =
        new CallbackTask(
            "blink",
            (context, status) -> {
              if (status == CallbackStatus.OK) {
                led.toggle();
                context.dispatcher().postAfter(context.task(), Duration.ofSeconds(1));
              }
            });
    callbacks.post(blink);

    time.advance(Duration.ofSeconds(10));
    assertThat(led.toggles).isEqualTo(11);
  }

  @Test
  void aFunctionThatIsToldWhatItIsCalledFor() {
    CallbackDispatcher callbacks = CallbackDispatcher.of(dispatcher);
    Resource file = new Resource();
    Resource buffer = new Resource();
    CallbackFunction flush =
        (context, status) -> {
          switch (status) {
            case OK -> file.write(buffer);
            case CANCELLED -> buffer.release();
          }
        };
    callbacks.postAfter(flush, Duration.ofMillis(100));

    time.advance(Duration.ofMillis(100));
    callbacks.postAfter(flush, Duration.ofMillis(100));
    dispatcher.close();
    assertThat(log).containsExactly("written", "released");
  }

  @Test
  void aFunctionThatTakesOneTurnForEach() {
    CallbackDispatcher callbacks = CallbackDispatcher.of(dispatcher);
    Queue<String> input = new ArrayDeque<>(List.of("one", "two"));
    CallbackFunction drain =
        (context, status) -> {
          if (status == CallbackStatus.OK && !input.isEmpty()) {
            log.add(input.remove());
            context.dispatcher().post(context.task()); // the rest, after the others
          }
        };
    callbacks.post(drain);

    dispatcher.post(() -> log.add("another"));
    dispatcher.runUntilStalled();
    assertThat(log).containsExactly("one", "another", "two");
  }

  @Test
  void anExecutorForLegacyCode() throws Exception {
    ScheduledExecutorService executor = DispatcherExecutorService.of(dispatcher);
    Future<Integer> answer = executor.submit(() -> 42);
    executor.scheduleAtFixedRate(() -> log.add("tick"), 1, 1, TimeUnit.SECONDS);
    CompletableFuture.supplyAsync(() -> "supplied", executor).thenAccept(log::add);

    time.advance(Duration.ofSeconds(2));
    assertThat(answer.get()).isEqualTo(42);
    assertThat(log).containsExactly("supplied", "tick", "tick");
  }

  @Test
  void aShutdownThatDoesNotWait() {
    ShutdownPolicy hurry = ShutdownPolicy.defaults().withExecuteExistingDelayedTasks(false);
    DispatcherExecutorService executor = DispatcherExecutorService.of(dispatcher, hurry);
    Future<?> reminder = executor.schedule(() -> log.add("reminder"), 1, TimeUnit.HOURS);
    executor.shutdown(); // nobody waits an hour: the reminder is cancelled

    assertThat(reminder.isCancelled()).isTrue();
    assertThat(executor.isTerminated()).isTrue();
  }
}
