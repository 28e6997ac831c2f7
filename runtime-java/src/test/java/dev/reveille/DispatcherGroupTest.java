package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several loops, each with its thread. */
class DispatcherGroupTest {
  private final List<DispatcherGroup> groups = new ArrayList<>();

  @AfterEach
  void close() {
    groups.forEach(DispatcherGroup::close);
  }

  private DispatcherGroup group(int size) {
    DispatcherGroup group = DispatcherGroup.start("worker", size, BasicDispatcher::new);
    groups.add(group);
    return group;
  }

  @Test
  void eachDispatcherHasAThreadOfItsName() throws Exception {
    DispatcherGroup group = group(3);
    Set<String> threads = new HashSet<>();
    for (RunnableDispatcher dispatcher : group.dispatchers()) {
      threads.add(dispatcher.blockingAwait(cx -> Poll.ready(Thread.currentThread().getName())));
    }
    assertThat(threads).containsExactlyInAnyOrder("worker-0", "worker-1", "worker-2");
  }

  @Test
  void nextGoesRound() {
    DispatcherGroup group = group(3);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      names.add(group.next().name());
    }
    assertThat(names)
        .containsExactly("worker-0", "worker-1", "worker-2", "worker-0", "worker-1", "worker-2");
  }

  @Test
  void equalKeysGetTheSameOneAndManyKeysAllOfThem() {
    DispatcherGroup group = group(4);
    Set<Dispatcher> used = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      RunnableDispatcher dispatcher = group.forKey("key " + i);
      assertThat(group.forKey("key " + i)).isSameAs(dispatcher);
      used.add(dispatcher);
    }
    assertThat(used).hasSize(4);
  }

  @Test
  void smallNumbersAsKeysAreSpreadToo() {
    DispatcherGroup group = group(4);
    int[] count = new int[4];
    for (int i = 0; i < 1_000; i++) {
      count[group.dispatchers().indexOf(group.forKey(i))]++;
    }
    assertThat(Arrays.stream(count)).allMatch(n -> n > 150 && n < 350);
  }

  @Test
  void theLeastLoadedHasTheFewestTasks() {
    DispatcherGroup group = group(2);
    RunnableDispatcher busy = group.dispatchers().get(0);
    for (int i = 0; i < 10; i++) {
      busy.spawn("asleep", cx -> cx.park());
    }
    Rig.awaitState("all are there", () -> busy.snapshot().tasks().size() == 10);
    for (int i = 0; i < 5; i++) {
      assertThat(group.leastLoaded().name()).isEqualTo("worker-1");
    }
  }

  @Test
  void shutdownEndsAllWhenTheirWorkIsDone() throws Exception {
    DispatcherGroup group = group(2);
    List<JoinHandle<Complete>> tasks = new ArrayList<>();
    StopSource stop = new StopSource();
    for (RunnableDispatcher dispatcher : group.dispatchers()) {
      tasks.add(dispatcher.spawn("waits", stop.token()::pollStopped));
    }
    group.shutdown();
    assertThat(group.awaitClosed(Duration.ZERO)).isFalse();
    assertThatThrownBy(() -> group.next().post(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    stop.stop();
    assertThat(group.awaitClosed(Rig.PATIENCE)).isTrue();
    assertThat(tasks).allMatch(JoinHandle::isDone);
  }

  @Test
  void shutdownNowHandsBackWhatNoneHadBegun() throws Exception {
    DispatcherGroup group = group(2);
    CountDownLatch stuck = new CountDownLatch(2);
    CountDownLatch goOn = new CountDownLatch(1);
    for (RunnableDispatcher dispatcher : group.dispatchers()) {
      dispatcher.post(
          () -> {
            stuck.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
    }
    assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
    Runnable first = () -> {};
    Runnable second = () -> {};
    group.dispatchers().get(0).post(first);
    group.dispatchers().get(1).post(second);
    AtomicReference<Unstarted> unstarted = new AtomicReference<>();
    Thread closer = new Thread(() -> unstarted.set(group.shutdownNow()));
    closer.start();
    Rig.awaitState("asked to close", () -> group.dispatchers().get(0).loop.attention != 0);
    goOn.countDown();
    closer.join(Rig.PATIENCE.toMillis());
    assertThat(unstarted.get().runnables()).contains(first);
  }

  @Test
  void aStopIsNotTheEndOfTheThread() throws Exception {
    DispatcherGroup group = group(1);
    group.next().stop();
    group.next().stop();
    String result = group.next().blockingAwait(cx -> Poll.ready("runs"), Rig.PATIENCE);
    assertThat(result).isEqualTo("runs");
  }

  @Test
  void closingOnALoopOfTheGroupIsRefusedAndClosesNothing() throws Exception {
    DispatcherGroup group = group(2);
    RunnableDispatcher last = group.dispatchers().get(1);
    Throwable thrown =
        last.blockingAwait(
            cx -> {
              try {
                group.close();
                return Poll.ready(new AssertionError("not refused"));
              } catch (IllegalStateException e) {
                return Poll.ready(e);
              }
            });
    assertThat(thrown).hasMessageContaining("would wait for itself");
    assertThat(group.dispatchers()).noneMatch(Dispatcher::isShutdown);
  }

  @Test
  void aGroupHasAtLeastOneDispatcher() {
    assertThatThrownBy(() -> DispatcherGroup.start("none", 0, BasicDispatcher::new))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1");
  }

  @Test
  void aFactoryThatGivesOneTwiceIsRefused() {
    BasicDispatcher one = new BasicDispatcher();
    assertThatThrownBy(() -> DispatcherGroup.start("same", 2, options -> one))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(one.isClosed()).isTrue();
  }

  /** A second driver, who was there first, is what it takes to end the thread of a group. */
  private DispatcherGroup groupWithADeadLoop(List<Throwable> told) throws Exception {
    CountDownLatch driven = new CountDownLatch(1);
    DispatcherGroup group =
        DispatcherGroup.start(
            DispatcherOptions.defaults()
                .withName("worker")
                .withUncaughtHandler((dispatcher, name, failure) -> told.add(failure)),
            3,
            options -> {
              BasicDispatcher dispatcher = new BasicDispatcher(options);
              if (options.name().equals("worker-1")) {
                dispatcher.post(driven::countDown);
                Thread intruder = new Thread(dispatcher::run, "intruder");
                intruder.setDaemon(true);
                intruder.start();
                awaitUnchecked(driven);
              }
              return dispatcher;
            },
            Thread::new);
    groups.add(group);
    return group;
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aThreadThatDiesTellsAndItsDispatcherIsClosedAndPassedOver() throws Exception {
    List<Throwable> told = Collections.synchronizedList(new ArrayList<>());
    DispatcherGroup group = groupWithADeadLoop(told);
    RunnableDispatcher dead = group.dispatchers().get(1);

    assertThat(dead.awaitClosed(Rig.PATIENCE)).isTrue();

    assertThat(told).singleElement().asString().contains("'intruder'").contains("'worker-1'");
    for (int i = 0; i < 10; i++) {
      assertThat(group.leastLoaded()).isNotSameAs(dead);
      assertThat(group.next()).isNotSameAs(dead);
    }
    assertThat(group.dispatchers().get(0).isShutdown()).isFalse();
  }

  @Test
  void afterTheCloseEveryPlaceRefuses() {
    DispatcherGroup group = group(2);
    group.close();
    group.close();
    for (RunnableDispatcher closed :
        List.of(group.next(), group.leastLoaded(), group.forKey("key"))) {
      assertThatThrownBy(() -> closed.post(() -> {}))
          .isInstanceOf(RejectedExecutionException.class)
          .hasMessageContaining("worker-")
          .hasMessageContaining("closed");
    }
  }

  @Test
  void aThreadFactoryThatMakesNoThreadIsNamedAndNothingIsLeftOpen() {
    List<RunnableDispatcher> made = new ArrayList<>();
    assertThatThrownBy(
            () ->
                DispatcherGroup.start(
                    DispatcherOptions.defaults().withName("worker"),
                    2,
                    options -> {
                      RunnableDispatcher dispatcher = new BasicDispatcher(options);
                      made.add(dispatcher);
                      return dispatcher;
                    },
                    run -> null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("thread factory of group 'worker'");
    assertThat(made).isNotEmpty().allMatch(Dispatcher::isClosed);
  }

  @Test
  void aFactoryThatFailsLeavesNothingOpen() {
    List<RunnableDispatcher> made = new ArrayList<>();
    assertThatThrownBy(
            () ->
                DispatcherGroup.start(
                    "worker",
                    3,
                    options -> {
                      if (made.size() == 2) {
                        throw new IllegalStateException("no third");
                      }
                      made.add(new BasicDispatcher(options));
                      return made.get(made.size() - 1);
                    }))
        .hasMessage("no third");
    assertThat(made).hasSize(2).allMatch(Dispatcher::isClosed);
  }
}
