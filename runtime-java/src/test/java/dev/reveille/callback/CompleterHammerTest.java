package dev.reveille.callback;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several who complete, one who gives up: one of them wins, and each value is accounted for. */
final class CompleterHammerTest {
  private static final int ROUNDS = 4_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final List<FutureTask<Boolean>> threads = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Does the same in each round, together with the others. */
  private void inEachRound(CyclicBarrier barrier, IntConsumer step) {
    threads.add(
        rig.start(
            "hammer",
            () -> {
              for (int round = 0; round < ROUNDS; round++) {
                meet(barrier);
                step.accept(round);
                meet(barrier);
              }
              return true;
            }));
  }

  private static void meet(CyclicBarrier barrier) throws Exception {
    barrier.await(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** One round's completer and what became of it. */
  private static final class Race {
    @Nullable Completer<String> given;
    final Pollable<String> operation = Completer.pollable("a race", c -> given = c);
    final AtomicInteger wins = new AtomicInteger();
    final AtomicInteger cancelActions = new AtomicInteger();

    Completer<String> completer() {
      return requireNonNull(given, "not begun");
    }

    void won(boolean win) {
      if (win) {
        wins.getAndIncrement();
      }
    }
  }

  @Test
  void ofAllWhoEndItExactlyOneWinsAndTheActionRunsIfThatIsTheOneWhoGaveUp() throws Exception {
    List<Race> races = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      races.add(new Race());
    }
    RunnableDispatcher loop = rig.onSystemClock();
    loop.spawn(
        cx -> {
          for (Race race : races) {
            race.operation.poll(cx);
          }
          return Poll.ready();
        });
    loop.runToCompletion();
    CyclicBarrier barrier = new CyclicBarrier(5);
    inEachRound(barrier, i -> races.get(i).won(races.get(i).completer().complete("a")));
    inEachRound(barrier, i -> races.get(i).won(races.get(i).completer().complete("b")));
    inEachRound(barrier, i -> races.get(i).won(races.get(i).completer().cancelled()));
    inEachRound(
        barrier,
        i -> {
          Race race = races.get(i);
          race.completer().onCancel(race.cancelActions::getAndIncrement);
        });
    inEachRound(barrier, i -> races.get(i).operation.cancel());
    for (FutureTask<Boolean> thread : threads) {
      Rig.await(thread);
    }

    assertThat(races)
        .allSatisfy(
            race -> {
              boolean givenUp = race.completer().isCancelled();
              assertThat(race.wins).hasValue(givenUp ? 0 : 1);
              assertThat(race.cancelActions).hasValue(givenUp ? 1 : 0);
            });
  }

  /** A value, with a plain field that the completion has to publish. */
  private static final class Answer {
    final String name;
    int published;

    Answer(String name) {
      this.name = name;
    }
  }

  @Test
  void onALoopEachValueIsDeliveredOrDisposedOfOrRefusedAndNeverTwoOfThem() throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    CyclicBarrier barrier = new CyclicBarrier(4);
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      rounds.add(new Round());
    }
    inEachRound(barrier, i -> rounds.get(i).complete("a"));
    inEachRound(barrier, i -> rounds.get(i).complete("b"));
    inEachRound(barrier, i -> rounds.get(i).cancel());
    for (Round round : rounds) {
      round.begin(loop);
      meet(barrier);
      meet(barrier);
      round.check(loop);
    }
    for (FutureTask<Boolean> thread : threads) {
      Rig.await(thread);
    }
    loop.stop();
    driving.awaitOutcome();
  }

  private static final class Round {
    private final CompletableFuture<Completer<Answer>> begun = new CompletableFuture<>();
    private final CompletableFuture<JoinHandle<Answer>> handle = new CompletableFuture<>();
    private final Queue<String> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<String> disposed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger cancelActions = new AtomicInteger();

    void begin(RunnableDispatcher loop) throws Exception {
      Consumer<Answer> onLateValue =
          answer -> {
            assertThat(answer.published).isEqualTo(42);
            disposed.add(answer.name);
          };
      handle.complete(
          loop.spawn(
              Completer.<Answer>pollable(
                  "a race",
                  CallOptions.<Answer>defaults().onLateValue(onLateValue),
                  c -> {
                    c.onCancel(cancelActions::getAndIncrement);
                    begun.complete(c);
                  })));
      begun.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    boolean complete(String name) {
      Answer answer = new Answer(name);
      answer.published = 42;
      return begun.join().complete(answer) && accepted.add(name);
    }

    boolean cancel() {
      return handle.join().cancel();
    }

    void check(RunnableDispatcher loop) throws Exception {
      String delivered;
      try {
        Answer answer =
            handle.join().toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(answer.published).isEqualTo(42);
        delivered = answer.name;
      } catch (CancellationException e) {
        delivered = null;
      }
      CountDownLatch disposals = new CountDownLatch(1);
      loop.post(disposals::countDown); // they were queued before
      assertThat(disposals.await(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

      if (delivered != null) {
        assertThat(accepted).containsExactly(delivered);
        assertThat(disposed).isEmpty();
        assertThat(cancelActions).hasValue(0);
      } else if (accepted.isEmpty()) {
        assertThat(disposed).containsExactlyInAnyOrder("a", "b");
        assertThat(cancelActions).hasValue(1);
      } else { // it came, and was not polled for any more
        assertThat(accepted).hasSize(1);
        assertThat(disposed).containsExactlyElementsOf(accepted);
        assertThat(cancelActions).hasValue(0);
      }
    }
  }
}
