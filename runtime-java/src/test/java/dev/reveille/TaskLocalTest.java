package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values that belong to a task. */
class TaskLocalTest {
  private static final TaskLocal<String> USER = TaskLocal.named("user");
  private static final TaskLocal<Integer> DEPTH = TaskLocal.named("depth");

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<Object> seen = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Calls a body once a poll, for so many polls. */
  private interface Step {
    void run(Context cx, int poll);
  }

  private static Pollable<Complete> steps(int polls, Step step) {
    int[] n = {0};
    return cx -> {
      step.run(cx, n[0]);
      if (++n[0] == polls) {
        return Poll.ready();
      }
      cx.waker("the next step").wake();
      return Poll.pending();
    };
  }

  @Test
  void withoutAValueItIsNull() {
    loop.spawn(steps(1, (cx, n) -> seen.add(String.valueOf(USER.get(cx)))));
    loop.runUntilStalled();
    assertThat(seen).containsExactly("null");
  }

  @Test
  void aValueStaysFromPollToPollAndOnAnotherDriver() throws Exception {
    loop.spawn(
        steps(
            3,
            (cx, n) -> {
              if (n == 0) {
                USER.set(cx, "ann");
              }
              seen.add(USER.get(cx));
            }));
    loop.runUntilStalled(1);
    rig.elsewhere(() -> loop.runUntilStalled(1));
    loop.runUntilStalled();
    assertThat(seen).containsExactly("ann", "ann", "ann");
  }

  @Test
  void twoTasksHaveTheirOwnValues() {
    for (String user : List.of("ann", "bob")) {
      loop.spawn(
          steps(
              2,
              (cx, n) -> {
                if (n == 0) {
                  USER.set(cx, user);
                } else {
                  seen.add(USER.get(cx));
                }
              }));
    }
    loop.runUntilStalled();
    assertThat(seen).containsExactly("ann", "bob");
  }

  @Test
  void whatATaskSpawnsBeginsWithItsValues() {
    loop.spawn(
        steps(
            1,
            (cx, n) -> {
              USER.set(cx, "ann");
              DEPTH.set(cx, 1);
              loop.spawn(steps(1, (inner, m) -> seen.add(USER.get(inner) + DEPTH.get(inner))));
              loop.post(
                  new Task("posted") {
                    @Override
                    protected Poll<Complete> doPoll(Context inner) {
                      seen.add(USER.get(inner) + DEPTH.get(inner));
                      return Poll.ready();
                    }
                  });
              USER.set(cx, "bob"); // too late for those
            }));
    loop.runUntilStalled();
    assertThat(seen).containsExactly("ann1", "ann1");
  }

  @Test
  void whatAChildSetsIsNotSeenByItsParent() {
    loop.spawn(
        steps(
            3,
            (cx, n) -> {
              if (n == 0) {
                USER.set(cx, "ann");
                loop.spawn(steps(1, (inner, m) -> USER.set(inner, "bob")));
              } else {
                seen.add(USER.get(cx));
              }
            }));
    loop.runUntilStalled();
    assertThat(seen).containsExactly("ann", "ann");
  }

  @Test
  void valuesFollowToAnotherDispatcher() {
    RunnableDispatcher other = rig.dispatcher(o -> o.withName("other"));
    loop.spawn(
        steps(
            1,
            (cx, n) -> {
              USER.set(cx, "ann");
              other.spawn(steps(1, (inner, m) -> seen.add(USER.get(inner))));
            }));
    loop.runUntilStalled();
    other.runUntilStalled();
    assertThat(seen).containsExactly("ann");
  }

  @Test
  void valuesOfATaskThatRunsAnotherDispatcherAreTheInnermostTasks() {
    RunnableDispatcher other = rig.dispatcher(o -> o.withName("other"));
    RunnableDispatcher third = rig.dispatcher(o -> o.withName("third"));
    loop.spawn(
        steps(
            1,
            (cx, n) -> {
              USER.set(cx, "outer");
              other.post(() -> third.spawn(steps(1, (in, m) -> seen.add("" + USER.get(in)))));
              other.runUntilStalled(); // its callback has no values
              third.spawn(steps(1, (in, m) -> seen.add("" + USER.get(in))));
            }));
    loop.runUntilStalled();
    third.runUntilStalled();
    assertThat(seen).containsExactly("null", "outer");
  }

  @Test
  void aCallbackHasNoValuesToHandOn() {
    loop.spawn(
        steps(
            1,
            (cx, n) -> {
              USER.set(cx, "ann");
              loop.post(() -> loop.spawn(steps(1, (in, m) -> seen.add("" + USER.get(in)))));
            }));
    loop.runUntilStalled();
    assertThat(seen).containsExactly("null");
  }

  @Test
  void aBoundValueIsSeenByItsBodyAndWhatThatSpawnsAndByNobodyElse() {
    Pollable<Complete> body =
        USER.bind(
            "inner",
            steps(
                2,
                (cx, n) -> {
                  seen.add(USER.get(cx));
                  DEPTH.set(cx, n);
                  loop.spawn(steps(1, (in, m) -> seen.add("child of " + USER.get(in))));
                }));
    loop.spawn(
        cx -> {
          if (USER.get(cx) == null) {
            USER.set(cx, "outer");
          }
          Poll<Complete> poll = body.poll(cx);
          seen.add(USER.get(cx) + DEPTH.get(cx));
          return poll;
        });
    loop.runUntilStalled();
    assertThat(seen)
        .containsExactly(
            "inner", "outernull", "child of inner", "inner", "outernull", "child of inner");
  }

  @Test
  void whatABodySetsIsThereAgainInItsNextPoll() {
    loop.spawn(
        USER.bind(
            "first",
            steps(
                3,
                (cx, n) -> {
                  seen.add(USER.get(cx));
                  USER.set(cx, "set in " + n);
                })));
    loop.runUntilStalled();
    assertThat(seen).containsExactly("first", "set in 0", "set in 1");
  }

  @Test
  void aBodyThatFailsLeavesNoValueBehind() {
    Pollable<Complete> body =
        USER.bind(
            "inner",
            cx -> {
              throw new IllegalArgumentException("expected");
            });
    loop.spawn(
        cx -> {
          assertThatThrownBy(() -> body.poll(cx)).hasMessage("expected");
          seen.add("" + USER.get(cx));
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(seen).containsExactly("null");
  }

  @Test
  void cancellingABoundBodyCancelsTheBody() {
    boolean[] cancelled = {false};
    Pollable<Complete> body =
        new Pollable<>() {
          @Override
          public Poll<Complete> poll(Context cx) {
            return cx.park();
          }

          @Override
          public void cancel() {
            cancelled[0] = true;
          }
        };
    JoinHandle<Complete> handle = loop.spawn(USER.bind("ann", body));
    loop.runUntilStalled();
    handle.cancel();
    loop.runUntilStalled();
    assertThat(cancelled[0]).isTrue();
  }

  @Test
  void nullTakesAValueAway() {
    loop.spawn(
        steps(
            1,
            (cx, n) -> {
              DEPTH.set(cx, 1);
              USER.set(cx, "ann");
              DEPTH.set(cx, null);
              seen.add(USER.get(cx) + DEPTH.get(cx));
            }));
    loop.runUntilStalled();
    assertThat(seen).containsExactly("annnull");
  }

  @Test
  void aContextWithAnotherWakerHasTheTasksValues() {
    loop.spawn(
        steps(
            1,
            (cx, n) -> {
              Context derived = cx.withWaker(Waker.none());
              USER.set(derived, "ann");
              seen.add(USER.get(cx) + USER.get(derived));
            }));
    loop.runUntilStalled();
    assertThat(seen).containsExactly("annann");
  }

  @Test
  void aContextOutsideItsPollIsRefused() {
    Context[] kept = new Context[1];
    loop.spawn("keeper", steps(1, (cx, n) -> kept[0] = cx));
    loop.runUntilStalled();
    assertThatThrownBy(() -> USER.get(kept[0]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("outside its poll");
  }

  @Test
  void aPostAgainBeginsAnew() {
    Task task =
        new Task("again") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            seen.add("" + USER.get(cx));
            USER.set(cx, "left over");
            return Poll.ready();
          }
        };
    loop.post(task);
    loop.runUntilStalled();
    loop.post(task);
    loop.runUntilStalled();
    assertThat(seen).containsExactly("null", "null");
  }
}
