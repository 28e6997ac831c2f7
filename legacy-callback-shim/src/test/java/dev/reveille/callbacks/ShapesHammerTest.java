package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ends that race: nothing is lost, and nothing is told twice. */
final class ShapesHammerTest {
  private static final int CALLS = 500;
  private static final int THREADS = 3;

  private final Rig rig = new Rig(BasicDispatcher::new);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void aValueThatRacesWithACancelIsEitherTheResultOrDisposedOf() throws Exception {
    RunnableDispatcher loop = rig.dispatcher();
    loop.workGuard();
    rig.drive(loop, RunnableDispatcher::run);
    AtomicInteger disposed = new AtomicInteger();
    CallOptions<Integer> options =
        CallOptions.<Integer>defaults().onLateValue(v -> disposed.incrementAndGet());
    List<CompletableFuture<Integer>> futures = new ArrayList<>();
    List<JoinHandle<Integer>> handles = new ArrayList<>();
    AtomicInteger results = new AtomicInteger();
    for (int i = 0; i < CALLS; i++) {
      CompletableFuture<Integer> future = new CompletableFuture<>();
      futures.add(future);
      handles.add(
          loop.spawn(
              Pollables.<Integer, Integer>map(
                  Callbacks.fromStage("a value", options, future, SourceCancel.LEAVE),
                  value -> {
                    results.incrementAndGet();
                    return value;
                  })));
    }
    Rig.awaitState("all have begun", () -> begun(futures));
    CyclicBarrier barrier = new CyclicBarrier(2);
    FutureTask<Boolean> completer =
        rig.start(
            "legacy",
            () -> {
              Random random = new Random(1);
              for (CompletableFuture<Integer> each : futures) {
                barrier.await(20, TimeUnit.SECONDS);
                spin(random);
                each.complete(1);
              }
              return true;
            });
    Random random = new Random(2);
    for (JoinHandle<Integer> each : handles) {
      barrier.await(20, TimeUnit.SECONDS);
      spin(random);
      each.cancel();
    }
    Rig.await(completer);

    Rig.awaitState("all is accounted for", () -> results.get() + disposed.get() == CALLS);
  }

  private static boolean begun(List<CompletableFuture<Integer>> futures) {
    return futures.stream().allMatch(f -> f.getNumberOfDependents() == 1);
  }

  private static void spin(Random random) {
    for (int i = random.nextInt(200); i > 0; i--) {
      Thread.onSpinWait();
    }
  }

  @Test
  void eachCallbackIsToldOnceWhenTheDispatcherIsClosedAmongThem() throws Exception {
    for (int round = 0; round < 10; round++) {
      RunnableDispatcher loop = rig.dispatcher();
      rig.drive(loop, RunnableDispatcher::run);
      AtomicIntegerArray told = new AtomicIntegerArray(THREADS * CALLS);
      CyclicBarrier barrier = new CyclicBarrier(THREADS + 1);
      List<FutureTask<Boolean>> threads = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int first = t * CALLS;
        threads.add(
            rig.start(
                "legacy",
                () -> {
                  barrier.await(20, TimeUnit.SECONDS);
                  for (int i = first; i < first + CALLS; i++) {
                    begin(loop, told, i);
                  }
                  return true;
                }));
      }
      barrier.await(20, TimeUnit.SECONDS);
      spin(new Random(round));
      loop.close();
      for (FutureTask<Boolean> each : threads) {
        Rig.await(each);
      }

      for (int i = 0; i < told.length(); i++) {
        assertThat(told.get(i)).as("round %d, callback %d", round, i).isEqualTo(1);
      }
    }
  }

  private static void begin(RunnableDispatcher loop, AtomicIntegerArray told, int i) {
    if (i % 3 == 0) { // ends by itself
      Callbacks.<String>onComplete(
          loop, Pollables.ready("value"), (value, error) -> told.incrementAndGet(i));
    } else if (i % 3 == 1) { // ends with the dispatcher
      Callbacks.<String>onComplete(
          loop, cx -> cx.park(), (value, error) -> told.incrementAndGet(i));
    } else { // is cancelled
      CompletableFuture<String> future = Callbacks.toCompletableFuture(loop, cx -> cx.park());
      future.whenComplete((value, error) -> told.incrementAndGet(i));
      future.cancel(false);
    }
  }
}
