package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Wakers that are no postings, and timers, at their edges; each of these was a defect once. */
final class WakerEdgesTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();
  private final List<Throwable> uncaught = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ a waker that throws

  /** Breaks the contract of Waker, as the one of FailureContract.theLoopSurvivesAWakerThatThrows */
  private static final class Broken implements Waker {
    @Override
    public void wake() {
      throw new IllegalStateException("this waker is broken");
    }
  }

  /** Not closed by the rig: after these defects nobody could. */
  private RunnableDispatcher other() {
    return new BasicDispatcher(
        DispatcherOptions.defaults().withUncaughtHandler((d, name, t) -> uncaught.add(t)));
  }

  /**
   * Closing.handBack tells those who joined without a catch: the close ends there. The tasks behind
   * it are neither ended nor handed back, the services are not closed, and everyone who waits for
   * the close waits for ever, the second close() included.
   */
  @Test
  void aCloseSurvivesABrokenWakerOfWhoJoinedATaskThatIsHandedBack() throws Exception {
    RunnableDispatcher other = other();
    RecordingTask first = new RecordingTask(log);
    RecordingTask second = new RecordingTask(log);
    Pollable<Complete> join = other.spawn(first).join();
    other.post(second);
    loop.spawn(
        cx -> {
          join.poll(cx.withWaker(new Broken()));
          return cx.park();
        });
    loop.runUntilStalled();

    FutureTask<Unstarted> close = rig.start("closer", other::shutdownNow);

    assertThat(close.get(5, TimeUnit.SECONDS).tasks()).containsExactly(first, second);
    assertThat(uncaught).hasSize(1);
    assertThat(other.awaitClosed(Duration.ofSeconds(1))).isTrue();
  }

  /** The same by way of posting.requestStop() in Closing.endTasks. */
  @Test
  void aCloseSurvivesABrokenWakerOfWhoWaitsForTheTokenOfATask() throws Exception {
    RunnableDispatcher other = other();
    RecordingTask task = new RecordingTask(log);
    other.post(task);
    other.runUntilStalled();
    waitForTokenWith(new Broken(), requireNonNull(task.token));

    FutureTask<Unstarted> close = rig.start("closer", other::shutdownNow);

    assertThat(close.get(5, TimeUnit.SECONDS).tasks()).isEmpty();
    assertThat(log).containsExactly("init", "poll", "cleanup");
    assertThat(other.awaitClosed(Duration.ofSeconds(1))).isTrue();
  }

  /** Posting.requestCancel wakes after it has stopped the token: it does not come to that. */
  @Test
  void aCancelIsCarriedOutWhateverAWakerOfItsTokenThrows() {
    RecordingTask task = new RecordingTask(log);
    JoinHandle<Complete> handle = loop.spawn(task);
    loop.runUntilStalled();
    waitForTokenWith(new Broken(), requireNonNull(task.token));

    try {
      handle.cancel();
    } catch (IllegalStateException e) {
      log.add("the caller was told");
    }
    loop.runUntilStalled();

    assertThat(handle.isDone()).isTrue(); // and a second cancel() answers false
  }

  private void waitForTokenWith(Waker waker, StopToken token) {
    loop.spawn(
        cx -> {
          token.pollStopped(cx.withWaker(waker));
          return cx.park();
        });
    loop.runUntilStalled();
  }

  // ------------------------------------------------------------------ a waker for each poll

  /**
   * Waker identity, the story of tokio #2045, futures #2864 and loom #421: each poll brings a waker
   * that was never seen before, which evicts and wakes the one of the poll before, for ever; and
   * the list of the evicted grows by one each time.
   */
  @Test
  void aTaskThatMakesAWakerForEachPollDoesNotChaseItselfInASlot() {
    WakerSlot slot = new WakerSlot();
    Waker[] waker = new Waker[1];
    loop.spawn(
        "fresh wakers",
        cx -> {
          Waker mine = cx.waker("children");
          waker[0] = mine;
          slot.register(cx.withWaker(() -> mine.wake()), "an event");
          return Poll.pending();
        });
    loop.runUntilStalled();
    waker[0].wake();

    assertThat(loop.runUntilStalled(1_000)).isNotEqualTo(RunOutcome.STEP_LIMIT);
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u -> assertThat(u.failure()).hasMessageContaining("keeps them from poll to poll"));
  }

  @Test
  void aTaskThatMakesAWakerForEachPollDoesNotChaseItselfInATimer() {
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(1));
    Waker[] waker = new Waker[1];
    loop.spawn(
        "fresh wakers",
        cx -> {
          Waker mine = cx.waker("children");
          waker[0] = mine;
          timer.poll(cx.withWaker(() -> mine.wake()));
          return Poll.pending();
        });
    loop.runUntilStalled();
    waker[0].wake();

    assertThat(loop.runUntilStalled(1_000)).isNotEqualTo(RunOutcome.STEP_LIMIT);
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u -> assertThat(u.failure()).hasMessageContaining("keeps them from poll to poll"));
  }

  // ------------------------------------------------------------------ what is kept

  /** Posting.release leaves "stop" as it is: "at the end its references are nulled". */
  @Test
  void anEndedPostingKeepsNobodyWhoWaitedForItsToken() {
    RecordingTask task = new RecordingTask(log);
    loop.post(task);
    loop.runUntilStalled();
    WeakReference<Waker> waiter = waitForTokenWithAFreshWaker(task);
    task.answer = Poll.ready();
    task.wake();
    loop.runUntilStalled();
    task.token = null;

    assertThat(Rig.collectGarbageUntil(() -> waiter.get() == null)).isTrue();
    assertThat(task.waker).isNotNull(); // the ended posting
  }

  private WeakReference<Waker> waitForTokenWithAFreshWaker(RecordingTask task) {
    int[] wakes = {0};
    Waker waker = () -> wakes[0]++;
    StopToken token = requireNonNull(task.token);
    JoinHandle<Object> waiting =
        loop.spawn(
            cx -> {
              token.pollStopped(cx.withWaker(waker));
              return cx.park();
            });
    loop.runUntilStalled();
    waiting.cancel();
    loop.runUntilStalled();
    return new WeakReference<>(waker);
  }

  /** DESIGN 3.1: cancel "unlinks its waker". Timer.cancel leaves it in place. */
  @Test
  void aCancelledTimerKeepsNoWaker() {
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(1));
    WeakReference<Waker> waker = pollWithAFreshWaker(timer);

    timer.cancel();

    assertThat(Rig.collectGarbageUntil(() -> waker.get() == null)).isTrue();
    assertThat(timer.isPending()).isFalse();
  }

  private WeakReference<Waker> pollWithAFreshWaker(Timer timer) {
    int[] wakes = {0};
    Waker waker = () -> wakes[0]++;
    JoinHandle<Object> waiting =
        loop.spawn(
            cx -> {
              timer.poll(cx.withWaker(waker));
              return cx.park();
            });
    loop.runUntilStalled();
    waiting.cancel();
    loop.runUntilStalled();
    return new WeakReference<>(waker);
  }

  /** So the task that gave the timer up is polled when somebody else uses it. */
  @Test
  void aTimerThatWasCancelledWakesNobodyWhenItIsUsedAgain() {
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(1));
    int[] polls = {0};
    loop.spawn(
        cx -> {
          if (polls[0]++ == 0) {
            timer.poll(cx);
          }
          return cx.park();
        });
    loop.runUntilStalled();
    timer.cancel();
    timer.reset(Duration.ofSeconds(1));

    rig.time().advance(Duration.ofSeconds(1));

    assertThat(polls[0]).isEqualTo(1);
  }

  // ------------------------------------------------------------------ the wrong loop

  /** An assertion only: without -ea the wheel and the waiter are touched by two threads. */
  @Test
  void aTimerOfAnotherDispatcherIsRefusedByName() {
    Timer timer = new Timer(rig.dispatcher(options -> options.withName("other")));
    timer.reset(Duration.ofSeconds(1));
    loop.spawn("lost", cx -> timer.poll(cx));

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).isInstanceOf(IllegalStateException.class));
  }
}
