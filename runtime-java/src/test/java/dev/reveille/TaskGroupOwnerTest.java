package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What ties a group to the one who made it, and what becomes of it when nobody is there. */
class TaskGroupOwnerTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private Pollable<Complete> asleep(String name) {
    return new Pollable<>() {
      @Override
      public Poll<Complete> poll(Context cx) {
        return cx.park();
      }

      @Override
      public void cancel() {
        log.add(name + " cancelled");
      }
    };
  }

  private static Pollable<Complete> failing(String message) {
    return cx -> {
      throw new IllegalStateException(message);
    };
  }

  // ------------------------------------------------------------------ nobody joined

  @Test
  void aFailureInAGroupThatNobodyHasJoinedYetGoesToTheUncaughtHandlerToo() {
    TaskGroup group = TaskGroup.failFast(loop, "group");
    group.spawn("fails", failing("expected"));
    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .matches(u -> u.name().equals("fails") && "expected".equals(u.failure().getMessage()));
    JoinHandle<Complete> late = loop.spawn(group.join());
    late.observe();
    loop.runUntilStalled();
    assertThatThrownBy(late::outcome).hasMessage("expected");
  }

  @Test
  void aFailureInAGroupThatIsReadAsItEndsIsTheReaders() {
    TaskGroup group = TaskGroup.failFast(loop, "group").inOrderOfCompletion();
    JoinHandle<?>[] next = new JoinHandle<?>[1];
    loop.spawn(
        "reader",
        cx -> {
          Poll<JoinHandle<?>> poll = group.pollNext(cx);
          if (poll.isPending()) {
            return Poll.pending();
          }
          next[0] = poll.value();
          return Poll.ready();
        });
    group.spawn("fails", failing("expected"));
    loop.runUntilStalled();
    assertThat(next[0].name()).isEqualTo("fails");
    assertThat(rig.takeUncaught()).isEmpty();
  }

  @Test
  void aFailureOfAGroupWhoseJoinIsThereIsForTheJoinAlsoBeforeItIsPolled() {
    TaskGroup group = TaskGroup.failFast(loop, "group");
    Pollable<Complete> join = group.join();
    group.spawn("fails", failing("expected"));
    loop.runUntilStalled();
    JoinHandle<Complete> owner = loop.spawn(join);
    owner.observe();
    loop.runUntilStalled();
    assertThatThrownBy(owner::outcome).hasMessage("expected");
    assertThat(rig.takeUncaught()).isEmpty();
  }

  /** The failure is there, and the join waits for the others to clean up, when it is given up. */
  @Test
  void aFailureThatTheGivenUpJoinHasNotThrownGoesToTheUncaughtHandler() {
    TaskGroup group = TaskGroup.failFast(loop, "group");
    JoinHandle<?>[] owner = new JoinHandle<?>[1];
    owner[0] = loop.spawn("owner", group.join());
    group.spawn("first", asleep("first"));
    loop.runUntilStalled();
    group.spawn(
        "fails",
        cx -> {
          owner[0].cancel();
          throw new IllegalStateException("expected");
        });
    loop.runUntilStalled();
    assertThat(owner[0].isCancelled()).isTrue();
    assertThat(log).containsExactly("first cancelled");
    assertThat(rig.takeUncaught())
        .singleElement()
        .matches(u -> "expected".equals(u.failure().getMessage()));
  }

  /** A lambda that forgets its join is no one to hear of a failure. */
  @Test
  void anOwnerThatHasEndedWithoutGivingItsJoinUpDoesNotTakeAFailure() {
    TaskGroup group = TaskGroup.failFast(loop, "group");
    Pollable<Complete> join = group.join();
    Waker[] waker = new Waker[1];
    group.spawn(
        "fails",
        cx -> {
          if (waker[0] != null) {
            throw new IllegalStateException("expected");
          }
          waker[0] = cx.waker("the test");
          return Poll.pending();
        });
    loop.spawn(
        "forgetful",
        cx -> {
          join.poll(cx);
          return Poll.ready();
        });
    loop.runUntilStalled();
    waker[0].wake();
    loop.runUntilStalled();
    assertThat(rig.takeUncaught()).singleElement().matches(u -> u.name().equals("fails"));
  }

  @Test
  void aReaderThatHasEndedDoesNotTakeAFailure() {
    TaskGroup group = TaskGroup.supervising(loop, "group").inOrderOfCompletion();
    Waker[] waker = new Waker[1];
    group.spawn(
        "fails",
        cx -> {
          if (waker[0] != null) {
            throw new IllegalStateException("expected");
          }
          waker[0] = cx.waker("the test");
          return Poll.pending();
        });
    JoinHandle<JoinHandle<?>> next = loop.spawn(group.next());
    loop.runUntilStalled();
    next.cancel();
    loop.runUntilStalled();
    waker[0].wake();
    loop.runUntilStalled();
    assertThat(rig.takeUncaught()).singleElement().matches(u -> u.name().equals("fails"));
  }

  @Test
  void aJoinThatIsGivenUpUnpolledCancelsTheGroupToo() {
    TaskGroup group = TaskGroup.failFast(loop, "group");
    group.spawn("child", asleep("child"));
    loop.runUntilStalled();
    group.join().cancel();
    loop.runUntilStalled();
    assertThat(log).containsExactly("child cancelled");
  }

  // ------------------------------------------------------------------ the owner's end

  @Test
  void anOwnerThatFailsTakesTheChildrenOfTheJoinThatItOwnsWithIt() {
    TaskGroup group = TaskGroup.failFast(loop, "group");
    group.spawn("child", asleep("child"));
    Pollable<Complete> join = group.join();
    boolean[] polled = {false};
    Pollable<Complete> body =
        cx -> {
          if (polled[0]) {
            throw new IllegalArgumentException("owner");
          }
          polled[0] = true;
          cx.waker("itself").wake();
          return join.poll(cx);
        };
    JoinHandle<Complete> owner = loop.spawn("owner", Pollable.owning(List.of(join), body));
    owner.observe();
    loop.runUntilStalled();
    assertThat(log).containsExactly("child cancelled");
    assertThat(group.isClosed()).isTrue();
  }

  @Test
  void anOwnerThatEndsWithoutAJoinLeavesTheChildrenAlone() {
    List<TaskGroup> made = new ArrayList<>();
    loop.spawn(
        "owner",
        cx -> {
          TaskGroup group = TaskGroup.failFast(loop, "group").under(cx.stopToken());
          group.spawn("child", asleep("child"));
          made.add(group);
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(log).isEmpty();
    assertThat(made.get(0).size()).isEqualTo(1);
  }

  @Test
  void aCancelOfTheOwnerAsksTheChildrenToStopBeforeItTakesThem() {
    List<StopToken> tokens = new ArrayList<>();
    JoinHandle<Complete> owner =
        loop.spawn(
            "owner",
            new Operation<Complete>("owner") {
              @Override
              protected Poll<Complete> doPoll(Context cx) {
                TaskGroup group = TaskGroup.failFast(loop, "group").under(cx.stopToken());
                group.spawn(
                    "child",
                    c -> {
                      tokens.add(c.stopToken());
                      return c.park();
                    });
                return cx.park();
              }
            });
    loop.runUntilStalled();
    owner.cancel();
    assertThat(tokens.get(0).isStopped()).isTrue();
  }

  /** Children that a close has cancelled have not done what they were spawned for. */
  @Test
  void aJoinOnAnotherLoopIsToldThatTheDispatcherOfTheChildrenWasClosed() {
    RunnableDispatcher other = rig.dispatcher(o -> o.withName("other"));
    TaskGroup group = TaskGroup.failFast(other, "elsewhere");
    group.spawn("child", asleep("child"));
    JoinHandle<Complete> joined = loop.spawn("owner", group.join());
    joined.observe();
    loop.runUntilStalled();
    other.runUntilStalled();
    other.close();
    loop.runUntilStalled();
    assertThatThrownBy(joined::outcome)
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("elsewhere")
        .hasMessageContaining("'other'");
  }

  // ------------------------------------------------------------------ next

  @Test
  void nextGivesOneChildAndThenSaysSo() {
    TaskGroup group = TaskGroup.supervising(loop, "group").inOrderOfCompletion();
    group.spawn("a", cx -> Poll.ready("value"));
    Pollable<JoinHandle<?>> next = group.next();
    JoinHandle<JoinHandle<?>> taken = loop.spawn(next);
    loop.runUntilStalled();
    assertThat(taken.outcome().value().name()).isEqualTo("a");

    JoinHandle<JoinHandle<?>> none = loop.spawn(group.next());
    loop.runUntilStalled();
    assertThat(none.outcome().value()).isNull();

    JoinHandle<JoinHandle<?>> again = loop.spawn(next);
    again.observe();
    loop.runUntilStalled();
    assertThatThrownBy(again::outcome).hasMessageContaining("polled again");
  }

  @Test
  void aNextThatIsGivenUpLeavesTheChildToTheNextOne() {
    TaskGroup group = TaskGroup.supervising(loop, "group").inOrderOfCompletion();
    WakerSlot slot = new WakerSlot();
    boolean[] done = {false};
    group.spawn(
        "a",
        cx -> {
          slot.register(cx, "the test");
          return done[0] ? Poll.ready() : Poll.pending();
        });
    JoinHandle<JoinHandle<?>> first = loop.spawn(group.next());
    JoinHandle<JoinHandle<?>> second = loop.spawn(group.next());
    loop.runUntilStalled();
    done[0] = true;
    slot.wake();
    first.cancel();
    loop.runUntilStalled();
    assertThat(first.isCancelled() ^ second.outcome().value() == null).isTrue();
    assertThat(group.size()).isZero();
  }

  @Test
  void givingUpANextLeavesTheGroupAlone() {
    TaskGroup group = TaskGroup.supervising(loop, "group").inOrderOfCompletion();
    group.spawn("child", asleep("child"));
    JoinHandle<JoinHandle<?>> next = loop.spawn(group.next());
    loop.runUntilStalled();
    next.cancel();
    loop.runUntilStalled();
    assertThat(log).isEmpty();
    assertThat(group.size()).isEqualTo(1);
    assertThat(group.waiterCount()).isZero();
  }

  /** A sub-scheduler that is refused is woken by the group outside its lock. */
  @Test
  void nothingIsWokenUnderTheLockOfTheGroup() {
    RunnableDispatcher tight = rig.dispatcher(o -> o.withBudget(1));
    TaskGroup group = TaskGroup.supervising(tight, "group").inOrderOfCompletion();
    group.spawn("a", cx -> Poll.ready("value"));
    group.spawn("b", cx -> Poll.ready("value"));
    tight.runUntilStalled();
    List<Boolean> locked = new ArrayList<>();
    tight.spawn(
        cx -> {
          Context branch = cx.withWaker(() -> locked.add(Thread.holdsLock(group)));
          group.pollNext(branch);
          group.pollNext(branch);
          return Poll.ready();
        });
    tight.runUntilStalled();
    assertThat(locked).containsExactly(false);
  }

  @Test
  void endedChildrenLeaveTheGroup() {
    TaskGroup group = TaskGroup.failFast(loop, "group");
    for (int i = 0; i < 100_000; i++) {
      group.spawn("short", cx -> cx.stopToken().isStopped() ? cx.park() : Poll.ready());
      if (i % 1_000 == 0) {
        loop.runUntilStalled();
        assertThat(group.size()).isZero();
      }
    }
    loop.runUntilStalled();
    assertThat(group.size()).isZero();
    assertThat(group.token().source.childCount()).isZero();
  }
}
