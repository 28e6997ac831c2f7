package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks that belong together. */
class TaskGroupTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final TaskGroup group = TaskGroup.failFast(loop, "group");
  private final List<String> log = new ArrayList<>();
  private final Map<String, Waker> wakers = new TreeMap<>();
  private final Map<String, Object> outcomes = new TreeMap<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** A child that ends when it is told what to come to. */
  private Pollable<String> child(String name) {
    return new Pollable<>() {
      @Override
      public Poll<String> poll(Context cx) throws Exception {
        Object outcome = outcomes.get(name);
        if (outcome instanceof Exception e) {
          throw e;
        }
        if (outcome != null) {
          return Poll.ready((String) outcome);
        }
        wakers.put(name, cx.waker("its outcome"));
        return Poll.pending();
      }

      @Override
      public void cancel() {
        if (!outcomes.containsKey(name)) {
          log.add(name + " cancelled");
        }
      }
    };
  }

  private void end(String name, Object outcome) {
    outcomes.put(name, outcome);
    wakers.get(name).wake();
    loop.runUntilStalled();
  }

  private JoinHandle<Complete> join(TaskGroup joined) {
    JoinHandle<Complete> handle = loop.spawn("owner", joined.join());
    handle.observe();
    loop.runUntilStalled();
    return handle;
  }

  @Test
  void joinIsReadyWhenAllHaveEnded() {
    group.spawn("a", child("a"));
    group.spawn("b", child("b"));
    JoinHandle<Complete> joined = join(group);
    end("a", "done");
    assertThat(joined.isDone()).isFalse();
    end("b", "done");
    assertThat(joined.outcome().value()).isEqualTo(Complete.COMPLETE);
    assertThat(group.size()).isZero();
  }

  @Test
  void anEmptyGroupIsJoinedAtOnceAndTakesNoMore() {
    assertThat(join(group).isDone()).isTrue();
    assertThat(group.isClosed()).isTrue();
    boolean[] touched = {false};
    JoinHandle<String> late =
        group.spawn(
            "late",
            cx -> {
              touched[0] = true;
              return Poll.ready("value");
            });
    late.observe();
    loop.runUntilStalled();
    assertThatThrownBy(late::outcome)
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("late")
        .hasMessageContaining("group");
    assertThat(touched[0]).isFalse();
  }

  @Test
  void joinWaitsForChildrenThatAreSpawnedMeanwhile() {
    group.spawn("a", child("a"));
    JoinHandle<Complete> joined = join(group);
    group.spawn("b", child("b"));
    loop.runUntilStalled();
    end("a", "done");
    assertThat(joined.isDone()).isFalse();
    end("b", "done");
    assertThat(joined.isDone()).isTrue();
  }

  @Test
  void aChildMaySpawnItsSiblings() {
    JoinHandle<Complete> joined;
    group.spawn(
        "elder",
        cx -> {
          group.spawn("younger", child("younger"));
          return Poll.ready("done");
        });
    joined = join(group);
    assertThat(joined.isDone()).isFalse();
    end("younger", "done");
    assertThat(joined.isDone()).isTrue();
  }

  @Test
  void theFirstFailureCancelsTheOthersAndIsThrownAfterTheyHaveEnded() {
    group.spawn("a", child("a"));
    group.spawn("b", child("b"));
    group.spawn("c", child("c"));
    JoinHandle<Complete> joined = join(group);
    IllegalArgumentException failure = new IllegalArgumentException("expected");
    end("b", failure);
    assertThat(log).containsExactly("a cancelled", "c cancelled");
    assertThatThrownBy(joined::outcome).isSameAs(failure);
    assertThat(rig.takeUncaught()).isEmpty();
  }

  @Test
  void aChildThatWasAboutToFailAsWellIsCancelledFirst() {
    group.spawn("a", child("a"));
    group.spawn("b", child("b"));
    JoinHandle<Complete> joined = join(group);
    outcomes.put("a", new IllegalArgumentException("first"));
    outcomes.put("b", new IllegalStateException("second"));
    loop.post(
        () -> {
          wakers.get("a").wake();
          wakers.get("b").wake();
        });
    loop.runUntilStalled();
    assertThatThrownBy(joined::outcome).hasMessage("first");
  }

  @Test
  void aChildThatAFailingOneHasJustSpawnedIsCancelledWithoutAPoll() {
    TaskGroup two = TaskGroup.failFast(loop, "two");
    List<JoinHandle<String>> spawned = new ArrayList<>();
    two.spawn(
        "outer",
        cx -> {
          spawned.add(
              two.spawn(
                  "inner",
                  c -> {
                    log.add("inner was polled");
                    return Poll.ready("value");
                  }));
          throw new IllegalStateException("outer");
        });
    JoinHandle<Complete> joined = join(two);
    assertThatThrownBy(joined::outcome).hasMessage("outer");
    assertThatThrownBy(spawned.get(0)::outcome).isInstanceOf(CancellationException.class);
    assertThat(log).isEmpty();
  }

  @Test
  void afterAFailureTheGroupTakesNoMore() {
    group.spawn("a", child("a"));
    loop.runUntilStalled();
    end("a", new IllegalArgumentException("expected"));
    rig.takeUncaught(); // there was no join
    assertThat(group.spawn("late", child("late")).isDone()).isTrue();
    assertThatThrownBy(join(group)::outcome).hasMessage("expected");
  }

  @Test
  void aChildThatIsCancelledByItsHandleIsNoFailure() {
    JoinHandle<String> a = group.spawn("a", child("a"));
    group.spawn("b", child("b"));
    JoinHandle<Complete> joined = join(group);
    a.cancel();
    loop.runUntilStalled();
    assertThat(log).containsExactly("a cancelled");
    end("b", "done");
    assertThat(joined.outcome().isReady()).isTrue();
  }

  @Test
  void supervisedChildrenDoNotTouchEachOther() {
    TaskGroup supervised = TaskGroup.supervising(loop, "supervised");
    supervised.spawn("a", child("a"));
    JoinHandle<String> b = supervised.spawn("b", child("b"));
    b.observe();
    supervised.spawn("c", child("c"));
    JoinHandle<Complete> joined = join(supervised);
    end("a", new IllegalArgumentException("nobody joined"));
    end("b", new IllegalArgumentException("somebody joined"));
    assertThat(log).isEmpty();
    end("c", "done");
    assertThat(joined.outcome().isReady()).isTrue();
    assertThat(rig.takeUncaught()).singleElement().matches(u -> u.name().equals("a"));
  }

  @Test
  void cancelEndsAllAndJoinSaysSo() {
    group.spawn("a", child("a"));
    group.spawn("b", child("b"));
    JoinHandle<Complete> joined = join(group);
    group.cancel();
    loop.runUntilStalled();
    assertThat(log).containsExactly("a cancelled", "b cancelled");
    assertThatThrownBy(joined::outcome)
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("'group'");
  }

  @Test
  void whoGivesUpTheJoinGivesUpTheChildren() {
    group.spawn("a", child("a"));
    JoinHandle<Complete> owner = loop.spawn("owner", group.join());
    loop.runUntilStalled();
    owner.cancel();
    loop.runUntilStalled();
    assertThat(log).containsExactly("a cancelled");
    assertThat(group.size()).isZero();
  }

  @Test
  void stopIsPoliteToTheChildren() {
    group.spawn("polite", cx -> cx.stopToken().pollStopped(cx));
    JoinHandle<Complete> joined = join(group);
    assertThat(group.stop()).isTrue();
    assertThat(group.stop()).isFalse();
    loop.runUntilStalled();
    assertThat(joined.outcome().isReady()).isTrue();
  }

  @Test
  void aGroupUnderATokenIsStoppedWithIt() {
    StopSource server = new StopSource();
    TaskGroup below = TaskGroup.failFast(loop, "below").under(server.token());
    below.spawn("polite", cx -> cx.stopToken().pollStopped(cx));
    JoinHandle<Complete> joined = join(below);
    server.stop();
    loop.runUntilStalled();
    assertThat(joined.isDone()).isTrue();
  }

  @Test
  void shutdownLetsThoseWhoAreThereGoOn() {
    group.spawn("a", child("a"));
    group.shutdown();
    JoinHandle<Complete> joined = join(group);
    assertThat(group.spawn("b", child("b")).isDone()).isTrue();
    end("a", "done");
    assertThat(joined.outcome().isReady()).isTrue();
  }

  @Test
  void childrenAreGivenInTheOrderOfTheirEnds() {
    TaskGroup ordered = group.inOrderOfCompletion();
    ordered.spawn("a", child("a"));
    ordered.spawn("b", child("b"));
    JoinHandle<Complete> reader =
        loop.spawn(
            "reader",
            cx -> {
              Poll<JoinHandle<?>> next = ordered.pollNext(cx);
              while (next.isReady() && next.value() != null) {
                log.add(next.value().name());
                next = ordered.pollNext(cx);
              }
              return next.isPending() ? Poll.pending() : Poll.ready();
            });
    loop.runUntilStalled();
    end("b", "done");
    assertThat(log).containsExactly("b");
    end("a", "done");
    assertThat(log).containsExactly("b", "a");
    assertThat(reader.isDone()).isTrue();
  }

  @Test
  void aGroupThatKeepsNothingSaysHowToMakeOneThatDoes() {
    JoinHandle<Complete> reader =
        loop.spawn(cx -> group.pollNext(cx).isReady() ? Poll.ready() : Poll.pending());
    reader.observe();
    loop.runUntilStalled();
    assertThatThrownBy(reader::outcome)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inOrderOfCompletion");
  }

  @Test
  void aSpawnOnAClosedDispatcherLeavesTheGroupEmpty() {
    RunnableDispatcher other = rig.dispatcher(o -> o.withName("other"));
    TaskGroup elsewhere = TaskGroup.failFast(other, "elsewhere");
    other.close();
    assertThat(elsewhere.spawn("late", child("late")).isDone()).isTrue();
    assertThat(elsewhere.size()).isZero();
    assertThat(join(elsewhere).outcome().isReady()).isTrue();
  }

  @Test
  void aSpawnThatThrowsLeavesTheGroupEmpty() {
    Task posted =
        new Task("posted") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return cx.park();
          }
        };
    loop.post(posted);
    assertThatThrownBy(() -> group.spawn("again", posted))
        .isInstanceOf(IllegalStateException.class);
    assertThat(group.size()).isZero();
    assertThat(join(group).isDone()).isTrue();
  }

  @Test
  void aCloseOfTheDispatcherEndsTheGroup() {
    group.spawn("a", child("a"));
    loop.runUntilStalled();
    loop.close();
    assertThat(group.size()).isZero();
  }

  /** Joined on another loop while the children end and spawn on theirs: none is missed. */
  @Test
  void aGroupMayBeJoinedFromAnotherLoop() throws Exception {
    RunnableDispatcher children = rig.onSystemClock();
    RunnableDispatcher owner = rig.onSystemClock();
    rig.drive(children, RunnableDispatcher::run);
    for (int round = 0; round < 300; round++) {
      TaskGroup racing = TaskGroup.failFast(children, "racing");
      AtomicInteger ended = new AtomicInteger();
      for (int i = 0; i < 5; i++) {
        racing.spawn(
            "child",
            cx -> {
              racing.spawn("grandchild", c -> Poll.ready(ended.incrementAndGet()));
              return Poll.ready(ended.incrementAndGet());
            });
      }
      owner.runUntil(racing.join());
      assertThat(ended.get()).as("round %d", round).isEqualTo(10);
    }
  }

  @Test
  void manyThreadsMaySpawn() throws Exception {
    RunnableDispatcher children = rig.onSystemClock();
    rig.drive(children, RunnableDispatcher::run);
    TaskGroup wide = TaskGroup.failFast(children, "wide");
    AtomicInteger ended = new AtomicInteger();
    List<FutureTask<Boolean>> spawners = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      spawners.add(
          rig.start(
              "spawner",
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  wide.spawn("child", cx -> Poll.ready(ended.incrementAndGet()));
                }
                return true;
              }));
    }
    for (FutureTask<Boolean> spawner : spawners) {
      Rig.await(spawner);
    }
    children.blockingAwait(wide.join(), Rig.PATIENCE);
    assertThat(ended).hasValue(6_000);
  }
}
