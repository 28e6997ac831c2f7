package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The values of a task as a whole, and those of callbacks that run in the name of something. */
class TaskLocalsTest {
  private static final TaskLocal<String> USER = TaskLocal.named("user");
  private static final TaskLocal<Integer> DEPTH = TaskLocal.named("depth");
  private static final TaskLocal<String> OTHER = TaskLocal.named("other");

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<Object> seen = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static TaskLocals ann() {
    return TaskLocals.with(null, USER, "ann");
  }

  private Pollable<Complete> look() {
    return cx -> {
      seen.add("" + USER.get(cx));
      return Poll.ready();
    };
  }

  @Test
  void valuesAreImmutable() {
    TaskLocals ann = ann();
    TaskLocals both = TaskLocals.with(ann, DEPTH, 1);
    TaskLocals bob = TaskLocals.with(both, USER, "bob");

    assertThat(TaskLocals.get(ann, USER)).isEqualTo("ann");
    assertThat(TaskLocals.get(ann, DEPTH)).isNull();
    assertThat(TaskLocals.get(both, USER)).isEqualTo("ann");
    assertThat(TaskLocals.get(bob, USER)).isEqualTo("bob");
    assertThat(TaskLocals.get(bob, DEPTH)).isEqualTo(1);
  }

  @Test
  void nullStandsForNoValuesAndNoValue() {
    assertThat(TaskLocals.get(null, USER)).isNull();
    assertThat(TaskLocals.with(null, USER, null)).isNull();
    assertThat(TaskLocals.with(ann(), USER, null)).isNull();
    TaskLocals ann = ann();
    assertThat(TaskLocals.with(ann, OTHER, null)).isSameAs(ann);
  }

  @Test
  void ofARunningTaskTheyAreWhatItSees() {
    loop.spawn(
        cx -> {
          seen.add("" + TaskLocals.current());
          USER.set(cx, "ann");
          seen.add(TaskLocals.get(TaskLocals.current(), USER));
          TaskLocals before = TaskLocals.exchange(TaskLocals.with(null, DEPTH, 1));
          seen.add("" + USER.get(cx) + DEPTH.get(cx));
          TaskLocals.exchange(before);
          seen.add("" + USER.get(cx) + DEPTH.get(cx));
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(seen).containsExactly("null", "ann", "null1", "annnull");
  }

  @Test
  void whatACallbackSpawnsBeginsWithThoseThatWerePutInPlaceInIt() {
    loop.post(
        () -> {
          TaskLocals before = TaskLocals.exchange(ann());
          loop.spawn("queued", look());
          loop.dispatch(
              new Task("at once") {
                @Override
                protected Poll<Complete> doPoll(Context cx) throws Exception {
                  seen.add("at once");
                  return look().poll(cx);
                }
              });
          TaskLocals.exchange(before);
          loop.spawn("after that", look());
        });
    loop.post(() -> seen.add("" + TaskLocals.current()));
    loop.runUntilStalled();
    assertThat(seen).containsExactly("at once", "ann", "null", "ann", "null");
  }

  @Test
  void theyAreThoseOfTheInnermostTask() {
    loop.post(
        () -> {
          TaskLocals before = TaskLocals.exchange(ann());
          loop.dispatch(
              new Task("inner") {
                @Override
                protected Poll<Complete> doPoll(Context cx) {
                  TaskLocals.exchange(TaskLocals.with(null, USER, "bob"));
                  return Poll.ready();
                }
              });
          seen.add(TaskLocals.get(TaskLocals.current(), USER));
          TaskLocals.exchange(before);
        });
    loop.runUntilStalled();
    assertThat(seen).containsExactly("ann");
  }

  @Test
  void theyFollowToAnotherDispatcher() {
    RunnableDispatcher other = rig.dispatcher(o -> o.withName("other"));
    loop.post(
        () -> {
          TaskLocals before = TaskLocals.exchange(ann());
          other.spawn(look());
          TaskLocals.exchange(before);
        });
    loop.runUntilStalled();
    other.runUntilStalled();
    assertThat(seen).containsExactly("ann");
  }

  @Test
  void outsideAllRunsThereAreNone() {
    assertThat(TaskLocals.exchange(ann())).isNull();
    assertThat(TaskLocals.current()).isNull();
    loop.spawn(look());
    loop.runUntilStalled();
    assertThat(seen).containsExactly("null");
  }
}
