package dev.reveille.peers;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.StopSource;
import dev.reveille.Task;
import dev.reveille.TimedPost;
import dev.reveille.Timer;
import dev.reveille.Unstarted;
import dev.reveille.Waker;
import dev.reveille.WorkGuard;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ends of dispatchers: their order, and what calls back into one that is about to go. */
final class CloseBugsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Sleeps, and does something when it is cleaned up. */
  private final class Resident extends Task {
    final Runnable inCleanup;
    @Nullable Waker waker;

    Resident(String name, Runnable inCleanup) {
      super(name);
      this.inCleanup = inCleanup;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      waker = cx.waker("nothing");
      return Poll.pending();
    }

    @Override
    protected void cleanup() {
      log.add(name());
      inCleanup.run();
    }

    void wake() {
      requireNonNull(waker).wake();
    }
  }

  private interface Service extends AutoCloseable {
    @Override
    void close();
  }

  private interface YoungerService extends AutoCloseable {
    @Override
    void close();
  }

  /** Corosio #159: what the services owned was destroyed after them. */
  @Test
  void tasksGoInTheOrderOfTheirAcceptanceAndThenServicesInReverse() {
    loop.service(Service.class, d -> () -> log.add("service"));
    loop.service(YoungerService.class, d -> () -> log.add("younger service"));
    loop.post(new Resident("first", () -> {}));
    loop.post(new Resident("second", () -> {}));
    loop.runUntilStalled();
    loop.post(new Resident("never begun", () -> log.add("wrong")));

    Unstarted unstarted = loop.shutdownNow();

    assertThat(log).containsExactly("first", "second", "younger service", "service");
    assertThat(unstarted.tasks()).extracting(Task::name).containsExactly("never begun");
  }

  /** Corosio 07fab88: the heap was changed while the shutdown went through it. */
  @Test
  void aCleanupMayWakeCancelAndDisarmTheOthersWhileTheyGo() {
    List<Resident> residents = new ArrayList<>();
    List<JoinHandle<Complete>> handles = new ArrayList<>();
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(1));
    TimedPost timed = loop.postAfter(Duration.ofSeconds(1), () -> log.add("wrong"));
    StopSource source = new StopSource();
    WorkGuard guard = loop.workGuard();
    Runnable interfere =
        () -> {
          residents.forEach(Resident::wake);
          residents.forEach(Task::cancel);
          handles.forEach(JoinHandle::cancel);
          timer.reset(Duration.ofSeconds(2));
          timer.cancel();
          timed.cancel();
          source.stop();
          guard.close();
        };
    for (int i = 0; i < 20; i++) {
      Resident resident = new Resident("resident " + i, interfere);
      residents.add(resident);
      handles.add(loop.spawn(resident));
    }
    loop.runUntilStalled();

    loop.close();

    assertThat(log).hasSize(20).doesNotHaveDuplicates().doesNotContain("wrong");
    assertThat(handles).allMatch(JoinHandle::isDone);
    assertThat(loop.snapshot().ready()).isZero();
  }

  /** Asio #1121: a post from a destructor during the shutdown. */
  @Test
  void aCleanupThatUsesTheApiDuringTheCloseGetsCleanRefusals() {
    List<Throwable> thrown = new ArrayList<>();
    List<JoinHandle<String>> spawned = new ArrayList<>();
    Task another = new Resident("another", () -> {});
    loop.post(
        new Resident(
            "posting",
            () -> {
              note(thrown, () -> loop.post(() -> log.add("wrong")));
              note(thrown, () -> loop.post(another));
              note(thrown, () -> loop.dispatch(() -> log.add("wrong")));
              note(thrown, () -> loop.dispatch(another));
              note(thrown, () -> loop.defer(() -> log.add("wrong")));
              note(thrown, () -> loop.asExecutor().execute(() -> log.add("wrong")));
              note(thrown, () -> loop.postAfter(Duration.ZERO, () -> log.add("wrong")));
              spawned.add(loop.spawn(cx -> Poll.ready("wrong")));
              loop.workGuard().close();
              loop.stop();
              loop.shutdown();
            }));
    loop.runUntilStalled();

    loop.close();

    assertThat(log).containsExactly("posting");
    assertThat(thrown).hasSize(7).hasOnlyElementsOfType(RejectedExecutionException.class);
    assertThat(spawned.get(0).toCompletableFuture()).isCancelled();
    assertThat(another.isPosted()).isFalse();
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  private static void note(List<Throwable> thrown, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      thrown.add(e);
    }
  }

  /** A close from within the close would wait for itself. */
  @Test
  void aCleanupThatClosesIsTold() {
    List<Throwable> thrown = new ArrayList<>();
    loop.post(
        new Resident(
            "closing",
            () -> {
              note(thrown, loop::close);
              note(thrown, loop::shutdownNow);
              note(thrown, loop::runUntilStalled);
            }));
    loop.runUntilStalled();

    loop.close();

    assertThat(thrown).hasSize(3).hasOnlyElementsOfType(IllegalStateException.class);
    assertThat(loop.isClosed()).isTrue();
  }

  /** Capy's thread_pool: the second join() returned while the first was still waiting. */
  @Test
  void everyoneWhoClosesWaitsForTheEnd() throws Exception {
    CountDownLatch inCleanup = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    loop.post(
        new Resident(
            "slow",
            () -> {
              inCleanup.countDown();
              await(goOn);
            }));
    loop.runUntilStalled();
    FutureTask<Boolean> first = rig.start("first closer", this::closeAndSayWhether);
    await(inCleanup);
    Thread[] waiting = {null};
    FutureTask<Boolean> second =
        rig.start(
            "second closer",
            () -> {
              waiting[0] = Thread.currentThread();
              return closeAndSayWhether();
            });
    Rig.awaitState(
        "the second one waits",
        () -> waiting[0] != null && waiting[0].getState() == Thread.State.WAITING);
    assertThat(first.isDone()).isFalse();
    assertThat(second.isDone()).isFalse();
    assertThat(loop.awaitClosed(Duration.ZERO)).isFalse();

    goOn.countDown();

    assertThat(Rig.await(first)).isTrue();
    assertThat(Rig.await(second)).isTrue();
    assertThat(loop.awaitClosed(Duration.ZERO)).isTrue();
  }

  /** An interrupt does not cut the wait short: the caller was promised a closed dispatcher. */
  @Test
  void whoIsInterruptedWhileItClosesGetsAClosedDispatcherAndItsInterruptBack() throws Exception {
    CountDownLatch inPoll = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    loop.post(
        () -> {
          inPoll.countDown();
          await(goOn);
        });
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    await(inPoll);
    Thread[] closer = {null};
    FutureTask<Boolean> closing =
        rig.start(
            "closer",
            () -> {
              closer[0] = Thread.currentThread();
              return closeAndSayWhether() && Thread.currentThread().isInterrupted();
            });
    Rig.awaitState(
        "the closer waits",
        () -> closer[0] != null && closer[0].getState() == Thread.State.WAITING);
    closer[0].interrupt();
    Rig.awaitState("it waits on", () -> closer[0].getState() == Thread.State.WAITING);
    assertThat(closing.isDone()).isFalse();

    goOn.countDown();

    assertThat(Rig.await(closing)).isTrue();
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
  }

  private boolean closeAndSayWhether() {
    loop.close();
    return loop.isClosed() && loop.snapshot().tasks().isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Netty #8007: promises that are never completed once the executor is shut down. */
  @Test
  void futuresAreCompletedThoughTheLoopIsGone() throws Exception {
    var asleep = loop.spawn("asleep", cx -> cx.park()).toCompletableFuture();
    loop.runUntilStalled();
    var queued = loop.spawn("queued", cx -> Poll.ready("wrong")).toCompletableFuture();
    var handedBack = loop.spawn(new Resident("handed back", () -> {})).toCompletableFuture();

    loop.close();
    var refused = loop.spawn("refused", cx -> Poll.ready("wrong")).toCompletableFuture();
    JoinHandle<String> late = loop.spawn("late", cx -> Poll.ready("wrong"));

    assertThat(List.of(asleep, queued, handedBack, refused)).allMatch(f -> f.isCancelled());
    RunnableDispatcher other = rig.dispatcher(options -> options.withName("other"));
    List<Throwable> thrown = new ArrayList<>();
    other.spawn(
        cx -> {
          try {
            return late.join().poll(cx);
          } catch (CancellationException e) {
            thrown.add(e);
            return Poll.ready("cancelled");
          }
        });
    other.runUntilStalled();
    assertThat(thrown).hasSize(1);
  }

  /** tokio: a pending task that is woken after the shutdown began goes on to its end. */
  @Test
  void aPendingTaskThatIsWokenAfterTheShutdownEndsAsItLikes() throws Exception {
    Waker[] waker = new Waker[1];
    int[] polls = {0};
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              waker[0] = cx.waker("the test");
              return ++polls[0] < 3 ? Poll.pending() : Poll.ready("value");
            });
    Driving driving = rig.drive(loop, RunnableDispatcher::run).awaitAsleep();
    loop.shutdown();
    assertThat(driving.isRunning()).isTrue();
    waker[0].wake();
    driving.awaitAsleep();
    Rig.awaitState("the second poll is over", () -> loop.snapshot().taskPolls() == 2);

    waker[0].wake();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
    assertThat(handle.toCompletableFuture()).isCompletedWithValue("value");
    waker[0].wake();
    assertThat(polls[0]).isEqualTo(3);
  }

  /** Asio destroys handlers uninvoked and tells nobody; here each is accounted for. */
  @Test
  void ofAllThatWasAcceptedEachIsRunEndedOrHandedBack() {
    List<Runnable> callbacks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Runnable callback = () -> log.add("wrong");
      callbacks.add(callback);
    }
    loop.post(new Resident("began", () -> {}));
    loop.runUntilStalled();
    loop.post(callbacks.get(0));
    rig.elsewhere(() -> loop.defer(callbacks.get(1)));
    loop.postAfter(Duration.ofDays(1), callbacks.get(2));
    Task notBegun = new Resident("not begun", () -> log.add("wrong"));
    rig.elsewhere(() -> loop.post(notBegun));
    Task cancelled = new Resident("cancelled", () -> {});
    loop.post(cancelled);
    cancelled.cancel();

    Unstarted unstarted = loop.shutdownNow();

    assertThat(log).containsExactlyInAnyOrder("began", "cancelled");
    assertThat(unstarted.runnables()).containsExactlyElementsOf(callbacks);
    assertThat(unstarted.tasks()).containsExactly(notBegun);
  }
}
