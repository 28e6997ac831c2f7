package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sources below sources: a stop goes down, never up. */
class StopTreeTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final StopSource root = new StopSource();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  @Test
  void aStopReachesChildrenAndTheirChildren() {
    StopSource child = StopSource.childOf(root.token());
    StopSource grandchild = StopSource.childOf(child.token());
    root.stop();
    assertThat(child.isStopped()).isTrue();
    assertThat(grandchild.token().isStopped()).isTrue();
  }

  @Test
  void aStopDoesNotGoUp() {
    StopSource child = StopSource.childOf(root.token());
    StopSource sibling = StopSource.childOf(root.token());
    child.stop();
    assertThat(root.isStopped()).isFalse();
    assertThat(sibling.isStopped()).isFalse();
  }

  @Test
  void theChildOfAStoppedParentIsBornStopped() {
    root.stop();
    assertThat(StopSource.childOf(root.token()).isStopped()).isTrue();
    assertThat(StopSource.childOf(root.token()).stop()).isFalse();
  }

  @Test
  void whoWaitsForAGrandchildIsWokenByTheRoot() {
    StopToken token = StopSource.childOf(StopSource.childOf(root.token()).token()).token();
    JoinHandle<Complete> waiter = loop.spawn("waiter", token::pollStopped);
    loop.runUntilStalled();
    assertThat(waiter.isDone()).isFalse();
    root.stop();
    loop.runUntilStalled();
    assertThat(waiter.isDone()).isTrue();
  }

  @Test
  void whenSomebodyIsWokenAllFlagsAreSet() {
    List<StopSource> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(StopSource.childOf(root.token()));
    }
    List<Boolean> seen = new ArrayList<>();
    loop.spawn(
        cx -> {
          Waker spy = () -> all.forEach(source -> seen.add(source.isStopped()));
          if (seen.isEmpty()) {
            all.get(5).token().pollStopped(cx.withWaker(spy));
            return cx.park();
          }
          return Poll.ready();
        });
    loop.runUntilStalled();
    root.stop();
    assertThat(seen).hasSize(10).containsOnly(true);
  }

  @Test
  void aClosedChildIsNotReachedAnyMoreAndCanBeStoppedItself() {
    StopSource child = StopSource.childOf(root.token());
    child.close();
    child.close();
    root.stop();
    assertThat(child.isStopped()).isFalse();
    assertThat(child.stop()).isTrue();
  }

  @Test
  void aStoppedChildLeavesItsParent() {
    StopSource child = StopSource.childOf(root.token());
    assertThat(root.childCount()).isEqualTo(1);
    child.stop();
    assertThat(root.childCount()).isZero();
  }

  @Test
  void aDeepTreeIsStoppedWithoutRecursion() {
    StopSource deepest = root;
    List<StopSource> all = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      deepest = StopSource.childOf(deepest.token());
      all.add(deepest);
    }
    root.stop();
    assertThat(all).allMatch(StopSource::isStopped);
  }

  @Test
  void closedChildrenLeaveNothingBehind() {
    for (int i = 0; i < 100_000; i++) {
      StopSource.childOf(root.token()).close();
    }
    assertThat(root.childCount()).isZero();
  }

  @Test
  void droppedChildrenAreForgotten() {
    StopSource kept = StopSource.childOf(root.token());
    boolean forgotten = false;
    for (int i = 1; i < 1_000_000 && !forgotten; i++) {
      int before = root.childCount();
      StopSource.childOf(root.token());
      forgotten = root.childCount() <= before;
      if (i % 100_000 == 0) {
        System.gc();
      }
    }
    assertThat(forgotten).isTrue();
    root.stop();
    assertThat(kept.isStopped()).isTrue();
  }

  @Test
  void aChildWhoseTokenIsHeldIsReachedAlthoughItsSourceWasDropped() {
    StopToken token = StopSource.childOf(root.token()).token();
    System.gc();
    root.stop();
    assertThat(token.isStopped()).isTrue();
  }

  @Test
  void aTaskThatEndsLeavesItsParentToken() {
    for (int i = 0; i < 1_000; i++) {
      loop.spawnUnder(root.token(), "short", cx -> Poll.ready());
      loop.spawnUnder(root.token(), "failed", cx -> Poll.ready()).cancel();
    }
    loop.runUntilStalled();
    assertThat(root.childCount()).isZero();
  }

  @Test
  void aRefusedSpawnLeavesItsParentToken() {
    loop.close();
    assertThat(loop.spawnUnder(root.token(), "late", cx -> Poll.ready()).isDone()).isTrue();
    assertThat(root.childCount()).isZero();
  }

  @Test
  void aTaskSpawnedUnderATokenIsToldToStopWithIt() {
    JoinHandle<Complete> task =
        loop.spawnUnder(root.token(), "polite", cx -> cx.stopToken().pollStopped(cx));
    loop.runUntilStalled();
    root.stop();
    loop.runUntilStalled();
    assertThat(task.isDone()).isTrue();
    assertThat(task.toString()).contains("completed");
  }

  @Test
  void cancellingATaskDoesNotStopItsParentToken() {
    JoinHandle<Complete> task = loop.spawnUnder(root.token(), "one", cx -> cx.park());
    loop.runUntilStalled();
    task.cancel();
    loop.runUntilStalled();
    assertThat(root.isStopped()).isFalse();
  }

  @Test
  void nobodyStopsNever() {
    assertThat(StopToken.never().isStopped()).isFalse();
    StopSource child = StopSource.childOf(StopToken.never());
    assertThat(child.stop()).isTrue();
    JoinHandle<Complete> waiter = loop.spawn(StopToken.never()::pollStopped);
    loop.runUntilStalled();
    assertThat(waiter.isDone()).isFalse();
  }

  @Test
  void theOperationIsReadyOnceAndThenRefused() {
    Pollable<Complete> stopped = root.token().stopped();
    JoinHandle<Complete> handle = loop.spawn(stopped);
    loop.runUntilStalled();
    root.stop();
    loop.runUntilStalled();
    assertThat(handle.isDone()).isTrue();
    JoinHandle<Complete> again = loop.spawn(stopped);
    loop.runUntilStalled();
    assertThat(again.toString()).contains("polled again");
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  // ------------------------------------------------------------------ untilStopped

  /** Counts what it is asked. */
  private static final class Probe implements Pollable<String> {
    int polls;
    int cancels;
    boolean ready;

    @Override
    public Poll<String> poll(Context cx) {
      polls++;
      return ready ? Poll.ready("value") : cx.park();
    }

    @Override
    public void cancel() {
      cancels++;
    }
  }

  @Test
  void whatIsStoppedBeforeItBeganIsNotPolled() {
    Probe inner = new Probe();
    root.stop();
    JoinHandle<String> handle = loop.spawn(root.token().untilStopped(inner));
    handle.observe();
    loop.runUntilStalled();
    assertThatThrownBy(handle::outcome).isInstanceOf(CancellationException.class);
    assertThat(inner.polls).isZero();
    assertThat(inner.cancels).isEqualTo(1);
  }

  @Test
  void theValueWinsOverAStopInTheSamePoll() {
    Probe inner = new Probe();
    JoinHandle<String> handle = loop.spawn(root.token().untilStopped(inner));
    loop.runUntilStalled();
    inner.ready = true;
    root.stop();
    loop.runUntilStalled();
    assertThat(handle.outcome().value()).isEqualTo("value");
    assertThat(inner.cancels).isZero();
  }

  @Test
  void aStopCancelsTheInnerOneAndSaysWho() {
    Probe inner = new Probe();
    JoinHandle<String> handle = loop.spawn("reader", root.token().untilStopped(inner));
    handle.observe();
    loop.runUntilStalled();
    root.stop();
    loop.runUntilStalled();
    assertThatThrownBy(handle::outcome)
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("Probe")
        .hasMessageContaining("reader");
    assertThat(inner.cancels).isEqualTo(1);
  }

  @Test
  void cancellingItCancelsTheInnerOne() {
    Probe inner = new Probe();
    JoinHandle<String> handle = loop.spawn(root.token().untilStopped(inner));
    loop.runUntilStalled();
    handle.cancel();
    loop.runUntilStalled();
    assertThat(inner.cancels).isEqualTo(1);
  }

  // ------------------------------------------------------------------ races

  /** A stop of the root, of a child, and new grandchildren at the same time: none is missed. */
  @Test
  void whoComesWhileTheTreeIsStoppedIsStopped() throws Exception {
    for (int round = 0; round < 2_000; round++) {
      StopSource top = new StopSource();
      StopSource middle = StopSource.childOf(top.token());
      CyclicBarrier begin = new CyclicBarrier(3);
      FutureTask<Boolean> upper =
          rig.start(
              "upper",
              () -> {
                begin.await();
                return top.stop();
              });
      FutureTask<Boolean> lower =
          rig.start(
              "lower",
              () -> {
                begin.await();
                return middle.stop();
              });
      begin.await();
      List<StopSource> young = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        young.add(StopSource.childOf(middle.token()));
      }
      assertThat(Rig.await(upper)).isTrue();
      Rig.await(lower);
      assertThat(young).as("round %d", round).allMatch(StopSource::isStopped);
    }
  }

  @Test
  void aSourceIsStoppedByOneOfThem() throws Exception {
    for (int round = 0; round < 2_000; round++) {
      StopSource only = new StopSource();
      CyclicBarrier begin = new CyclicBarrier(2);
      FutureTask<Boolean> other =
          rig.start(
              "other",
              () -> {
                begin.await();
                return only.stop();
              });
      begin.await();
      assertThat(only.stop() ^ Rig.await(other)).as("round %d", round).isTrue();
    }
  }
}
