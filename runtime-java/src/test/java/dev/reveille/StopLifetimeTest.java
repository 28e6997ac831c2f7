package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a tree of stop tokens keeps, what it lets go of, and what it must not lose by that. */
class StopLifetimeTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final StopSource root = new StopSource();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ a task that ends

  /** tokio moves the children of a token that is dropped to the next one above; so do we. */
  @Test
  void whatATaskSpawnedUnderItsTokenIsStillReachedByTheRootAfterTheTasksEnd() {
    List<JoinHandle<Complete>> younger = new ArrayList<>();
    loop.spawnUnder(
        root.token(),
        "elder",
        cx -> {
          younger.add(
              loop.spawnUnder(cx.stopToken(), "younger", c -> c.stopToken().pollStopped(c)));
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(younger.get(0).isDone()).isFalse();

    root.stop();
    loop.runUntilStalled();

    assertThat(younger.get(0).isDone()).isTrue();
  }

  @Test
  void whoGotTheTokenOfATaskThatHasEndedIsStillReachedByTheRoot() {
    StopToken[] token = new StopToken[1];
    loop.spawnUnder(
        root.token(),
        "short",
        cx -> {
          token[0] = cx.stopToken();
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(root.childCount()).isZero();
    StopSource late = StopSource.childOf(token[0]);
    JoinHandle<Complete> waiter = loop.spawn(token[0].stopped());
    loop.runUntilStalled();

    root.stop();
    loop.runUntilStalled();

    assertThat(token[0].isStopped()).isTrue();
    assertThat(late.isStopped()).isTrue();
    assertThat(waiter.isDone()).isTrue();
  }

  @Test
  void aTaskThatNeverAsksForItsTokenCostsItsParentNothing() {
    for (int i = 0; i < 1_000; i++) {
      loop.spawnUnder(root.token(), "asleep", Context::park);
    }
    loop.runUntilStalled();
    assertThat(root.childCount()).isZero();
  }

  @Test
  void aHundredThousandShortLivedTasksLeaveNothingBehind() {
    for (int i = 0; i < 100_000; i++) {
      loop.spawnUnder(
          root.token(),
          "short",
          cx -> {
            cx.stopToken().pollStopped(cx);
            StopSource.childOf(cx.stopToken()).close();
            return Poll.ready();
          });
      if (i % 100 == 0) {
        loop.runUntilStalled();
      }
    }
    loop.runUntilStalled();
    assertThat(root.childCount()).isZero();
  }

  // ------------------------------------------------------------------ those who wait

  /** The leak of Go's contexts and .NET's registrations: one more for each message of a server. */
  @Test
  void anOperationThatIsGivenUpLeavesALongLivedToken() {
    loop.spawn(
        "server",
        cx -> {
          for (int i = 0; i < 1_000; i++) {
            Waker branch = () -> {};
            Pollable<Complete> stopped = root.token().stopped();
            stopped.poll(cx.withWaker(branch));
            stopped.cancel();
            Pollable<String> message = root.token().untilStopped(new Twice());
            message.poll(cx.withWaker(branch));
            message.poll(cx.withWaker(branch));
          }
          return cx.park();
        });
    loop.runUntilStalled();
    assertThat(root.waiterCount()).isZero();
  }

  /** Pending at first, then ready. */
  private static final class Twice implements Pollable<String> {
    private boolean again;

    @Override
    public Poll<String> poll(Context cx) {
      if (again) {
        return Poll.ready("value");
      }
      again = true;
      return cx.park();
    }
  }

  @Test
  void oneOfTwoOperationsOfATaskThatIsGivenUpLeavesTheOtherItsWake() {
    Pollable<Complete> first = root.token().stopped();
    Pollable<Complete> second = root.token().stopped();
    boolean[] givenUp = {false};
    JoinHandle<Complete> task =
        loop.spawn(
            cx -> {
              if (!givenUp[0]) {
                first.poll(cx);
              }
              Poll<Complete> poll = second.poll(cx);
              givenUp[0] = true;
              first.cancel();
              return poll;
            });
    loop.runUntilStalled();
    root.stop();
    loop.runUntilStalled();
    assertThat(task.isDone()).isTrue();
  }

  @Test
  void theWakersOfASubSchedulerAreForgottenWithItsTask() {
    for (int i = 0; i < 1_000; i++) {
      loop.spawn(
          cx -> {
            root.token().pollStopped(cx.withWaker(() -> {}));
            root.token().stopped().poll(cx.withWaker(() -> {}));
            return Poll.ready();
          });
      loop.runUntilStalled();
    }
    assertThat(root.waiterCount()).isLessThan(20);
  }

  @Test
  void anOperationThatIsPolledWithAnotherWakerWakesTheLastOne() {
    List<String> woken = new ArrayList<>();
    loop.spawn(
        cx -> {
          Pollable<Complete> stopped = root.token().stopped();
          stopped.poll(cx.withWaker(() -> woken.add("first")));
          stopped.poll(cx.withWaker(() -> woken.add("second")));
          return cx.park();
        });
    loop.runUntilStalled();
    root.stop();
    assertThat(woken).containsExactly("second");
  }

  // ------------------------------------------------------------------ wide trees

  @Test
  void aWideTreeIsStoppedAndTakenApartInOrderOfItsSize() {
    List<StopSource> all = new ArrayList<>();
    for (int i = 0; i < 200_000; i++) {
      all.add(StopSource.childOf(root.token()));
    }
    Collections.shuffle(all, new Random(42));
    for (StopSource closed : all.subList(0, 100_000)) {
      closed.close();
    }
    assertThat(root.childCount()).isEqualTo(100_000);
    root.stop();
    assertThat(all.subList(0, 100_000)).noneMatch(StopSource::isStopped);
    assertThat(all.subList(100_000, 200_000)).allMatch(StopSource::isStopped);
  }

  /** Else one that survives a server would keep as many links as the server had connections. */
  @Test
  void aChildThatOutlivesTheStopKeepsNoneOfItsSiblings() {
    StopSource first = StopSource.childOf(root.token());
    StopSource survivor = StopSource.childOf(root.token());
    StopSource last = StopSource.childOf(root.token());
    root.stop();
    assertThat(survivor.hasSiblings()).isFalse();
    assertThat(first.hasSiblings() || last.hasSiblings()).isFalse();
  }

  // ------------------------------------------------------------------ untilStopped

  @Test
  void whatTheCancelOfTheInnerOneThrowsIsSuppressed() {
    IllegalStateException second = new IllegalStateException("cancel failed");
    Pollable<String> inner =
        new Pollable<>() {
          @Override
          public Poll<String> poll(Context cx) {
            return cx.park();
          }

          @Override
          public void cancel() {
            throw second;
          }
        };
    JoinHandle<String> handle = loop.spawn(root.token().untilStopped(inner));
    handle.observe();
    loop.runUntilStalled();
    root.stop();
    loop.runUntilStalled();
    assertThatThrownBy(handle::outcome)
        .isInstanceOf(CancellationException.class)
        .hasSuppressedException(second);
  }

  /** The value was there, and only the budget kept it back: it still wins. */
  @Test
  void aStopDoesNotCutOffAnInnerOneThatRanOutOfBudget() {
    RunnableDispatcher tight = rig.dispatcher(o -> o.withBudget(2));
    boolean[] first = {true};
    JoinHandle<String> handle =
        tight.spawn(
            root.token()
                .untilStopped(
                    cx -> {
                      if (first[0]) {
                        first[0] = false;
                        root.stop();
                        while (cx.tryProceed()) {}
                        return Poll.pending();
                      }
                      return Poll.ready("value");
                    }));
    handle.observe();
    tight.runUntilStalled();
    assertThat(handle.outcome().value()).isEqualTo("value");
  }

  @Test
  void anInnerOneThatBreaksTheRulesIsGivenUp() {
    int[] cancels = {0};
    Pollable<String> inner =
        new Pollable<>() {
          @Override
          public Poll<String> poll(Context cx) {
            return Poll.pending(); // without a waker
          }

          @Override
          public void cancel() {
            cancels[0]++;
          }
        };
    JoinHandle<String> handle = loop.spawn(root.token().untilStopped(inner));
    handle.observe();
    loop.runUntilStalled();
    assertThatThrownBy(handle::outcome).isInstanceOf(IllegalStateException.class);
    assertThat(cancels[0]).isEqualTo(1);
  }
}
