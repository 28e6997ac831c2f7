package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The split wake, one interleaving at a time: what a foreign thread does is done by a foreign
 * thread, which the loop waits for. The races themselves are in samples/stress.
 */
final class PostingTest {
  private final List<Throwable> uncaught = new ArrayList<>();
  private final BasicDispatcher dispatcher =
      new BasicDispatcher(
          DispatcherOptions.defaults().withUncaughtHandler((d, task, t) -> uncaught.add(t)));
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void close() {
    dispatcher.close();
    assertThat(uncaught).isEmpty();
  }

  /** Sleeps, and does in a poll what it was given for it. */
  private final class Subject extends Task {
    private final List<Runnable> inPolls = new ArrayList<>();
    @Nullable Waker waker;
    boolean ready;
    int polls;
    int ends;

    Subject(String name) {
      super(name);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      polls++;
      log.add(name());
      waker = cx.waker("the test");
      if (!inPolls.isEmpty()) {
        inPolls.remove(0).run();
      }
      return ready ? Poll.ready() : Poll.pending();
    }

    @Override
    protected void cleanup() {
      ends++;
    }

    void wake() {
      Waker w = waker;
      assertThat(w).isNotNull();
      w.wake();
    }

    Posting posting() {
      return (Posting) waker;
    }
  }

  private Subject posted(String name) {
    Subject subject = new Subject(name);
    dispatcher.post(subject);
    dispatcher.runUntilStalled();
    log.clear();
    return subject;
  }

  /** Does something on a thread that does not drive, and waits for it. */
  private static void elsewhere(Runnable action) {
    CountDownLatch done = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              action.run();
              done.countDown();
            });
    thread.start();
    try {
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ------------------------------------------------------------------ coalescing

  @Test
  void foreignWakesBeforeThePollMakeOnePoll() {
    Subject a = posted("a");
    elsewhere(a::wake);
    elsewhere(a::wake);
    a.wake(); // nobody drives, so this is foreign, too
    dispatcher.runUntilStalled();
    assertThat(log).containsExactly("a");
  }

  @Test
  void localWakesBeforeThePollMakeOnePoll() {
    Subject a = posted("a");
    dispatcher.post(
        () -> {
          a.wake();
          a.wake();
        });
    dispatcher.runUntilStalled();
    assertThat(log).containsExactly("a");
  }

  @Test
  void aWakeFromBothSidesMakesAtMostOneSpuriousPoll() {
    Subject a = posted("a");
    dispatcher.post(
        () -> {
          elsewhere(a::wake);
          a.wake();
          elsewhere(a::wake);
        });
    dispatcher.runUntilStalled();
    assertThat(log).hasSizeBetween(1, 2).containsOnly("a");
  }

  // ------------------------------------------------------------------ wakes in a poll

  @Test
  void aWakeInItsOwnPollMeansOneMorePollFromTheBackOfTheQueue() {
    Subject a = posted("a");
    Subject b = posted("b");
    a.inPolls.add(
        () -> {
          b.wake();
          a.wake();
          a.wake();
        });
    a.wake();
    dispatcher.runUntilStalled();
    assertThat(log).containsExactly("a", "b", "a");
  }

  @Test
  void aForeignWakeInItsPollMeansOneMorePoll() {
    Subject a = posted("a");
    a.inPolls.add(
        () -> {
          elsewhere(a::wake);
          elsewhere(a::wake);
        });
    a.wake();
    dispatcher.runUntilStalled();
    assertThat(log).containsExactly("a", "a");
  }

  @Test
  void aForeignWakeInEachPollIsNotLost() {
    Subject a = posted("a");
    for (int i = 0; i < 20; i++) {
      a.inPolls.add(() -> elsewhere(a::wake));
    }
    a.wake();
    dispatcher.runUntilStalled();
    assertThat(a.polls).isEqualTo(1 + 20 + 1);
  }

  // ------------------------------------------------------------------ linked in the inbox

  @Test
  void aTaskThatIsPolledWhileItIsLinkedIsNotLinkedTwice() {
    Subject a = posted("a");
    a.inPolls.add(
        () ->
            elsewhere(
                () -> {
                  a.wake(); // a is linked already, between the two callbacks
                  dispatcher.post(() -> log.add("after"));
                }));
    dispatcher.post(
        () -> {
          a.wake(); // so a is polled in this turn, before the inbox is taken
          elsewhere(
              () -> {
                dispatcher.post(() -> log.add("before"));
                a.wake();
                dispatcher.post(() -> log.add("between"));
              });
        });
    dispatcher.runUntilStalled();
    assertThat(log).containsExactly("a", "before", "a", "between", "after");
  }

  @Test
  void whatIsWokenFromOutsideIsPolledInTheOrderOfTheWakes() {
    List<Subject> subjects = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      subjects.add(posted("task " + i));
    }
    elsewhere(
        () -> {
          for (int i : new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5, 3}) {
            subjects.get(i).wake();
          }
        });
    dispatcher.runUntilStalled();
    assertThat(log)
        .containsExactly("task 3", "task 1", "task 4", "task 5", "task 9", "task 2", "task 6");
  }

  // ------------------------------------------------------------------ the end

  @Test
  void aWakeAfterTheEndDoesNothing() {
    Subject a = posted("a");
    a.ready = true;
    a.wake();
    dispatcher.runUntilStalled();
    assertThat(a.ends).isEqualTo(1);
    log.clear();

    a.wake();
    elsewhere(a::wake);
    dispatcher.post(a::wake);
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).isEmpty();
    assertThat(a.ends).isEqualTo(1);
  }

  @Test
  void aPostingThatEndsWhileItIsLinkedIsSkippedByTheDrain() {
    Subject a = posted("a");
    a.inPolls.add(() -> elsewhere(a::wake));
    a.ready = true;
    a.wake();
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("a");
    assertThat(a.ends).isEqualTo(1);
  }

  @Test
  void aPostingThatEndsWhileItIsQueuedIsSkippedByTheRun() {
    Subject a = posted("a");
    a.inPolls.add(a::wake);
    a.ready = true;
    a.wake();
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("a");
  }

  @Test
  void theOldPostingsWakerDoesNotTouchTheNewPosting() {
    Subject a = posted("a");
    Waker old = a.posting();
    a.ready = true;
    a.inPolls.add(() -> elsewhere(old::wake)); // so that the old one is linked when it ends
    a.wake();
    dispatcher.post( // behind it in the queue
        () -> {
          a.ready = false;
          dispatcher.post(a);
        });
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(a.waker).isNotSameAs(old);
    assertThat(log).containsExactly("a", "a");

    old.wake();
    elsewhere(old::wake);
    ((Posting) old).requestCancel();
    dispatcher.runUntilStalled();
    assertThat(log).containsExactly("a", "a");
    assertThat(a.ends).isEqualTo(1);
    a.wake();
    dispatcher.runUntilStalled();
    assertThat(log).hasSize(3);
  }

  @Test
  void theEndEmptiesThePosting() {
    Subject a = posted("a");
    Posting posting = a.posting();
    a.ready = true;
    a.wake();
    dispatcher.runUntilStalled();

    assertThat(posting.isEnded()).isTrue();
    assertThat(posting.body).isNull();
    assertThat(posting.loop).isNull();
    assertThat(posting.handle()).isNull();
    assertThat(posting.locals()).isNull();
    assertThat(posting.reason).isNull();
  }

  /** Posted and spawned by a task that has values: whose those are without and with a handle. */
  @Test
  void theEndEmptiesTheValuesOfTaskLocalsAlsoWhereTheHandleIsKept() {
    TaskLocal<String> local = TaskLocal.named("local");
    Subject a = new Subject("a");
    List<JoinHandle<?>> spawned = new ArrayList<>();
    List<Posting> postings = new ArrayList<>();
    Pollable<Complete> child =
        cx -> {
          log.add("child " + local.get(cx));
          local.set(cx, "own");
          postings.add(Posting.of(cx));
          cx.waker("the test");
          return spawned.get(0).isDone() ? Poll.ready() : Poll.pending();
        };
    Pollable<Complete> parent =
        local.bind(
            "value",
            cx -> {
              dispatcher.post(a);
              spawned.add(dispatcher.spawn("child", child));
              return Poll.ready();
            });
    dispatcher.spawn("parent", parent);
    dispatcher.runUntilStalled();

    Posting posting = a.posting();
    JoinHandle<?> handle = spawned.get(0);
    assertThat(TaskLocals.get(posting.locals(), local)).isEqualTo("value");
    assertThat(posting.handle()).isNull();
    assertThat(postings.get(0).handle()).isSameAs(handle);
    assertThat(TaskLocals.get(postings.get(0).locals(), local)).isEqualTo("own");
    assertThat(TaskLocals.get(handle.locals, local)).isEqualTo("own");
    assertThat(log).containsExactly("a", "child value");

    a.ready = true;
    a.wake();
    handle.cancel();
    dispatcher.runUntilStalled();

    assertThat(posting.locals()).isNull();
    assertThat(postings.get(0).locals()).isNull();
    assertThat(handle.locals).isNull();
    assertThat(postings.get(0).name()).isEqualTo("child");
  }

  @Test
  void aWakerThatOutlivesItsTaskKeepsNothingAlive() {
    Waker[] waker = new Waker[1];
    byte[] large = new byte[1 << 20];
    WeakReference<byte[]> reference = new WeakReference<>(large);
    spawnHolding(large, waker);
    large = null;
    dispatcher.runUntilStalled();
    waker[0].wake();
    dispatcher.runUntilStalled();

    for (int i = 0; i < 100 && reference.get() != null; i++) {
      System.gc();
    }
    assertThat(reference.get()).isNull();
    waker[0].wake();
  }

  private void spawnHolding(byte[] large, Waker[] waker) {
    boolean[] polled = {false};
    dispatcher.spawn(
        "holder",
        cx -> {
          waker[0] = cx.waker("the test");
          boolean again = polled[0];
          polled[0] = true;
          return again ? Poll.ready(large.length) : Poll.pending();
        });
  }

  // ------------------------------------------------------------------ cancel

  @Test
  void aCancelIsObeyedInATurnOfItsOwn() {
    Subject a = posted("a");
    Subject b = posted("b");
    b.inPolls.add(
        () -> {
          assertThat(a.posting().requestCancel()).isTrue();
          assertThat(a.ends).isZero();
        });
    b.wake();
    dispatcher.runUntilStalled();
    assertThat(a.ends).isEqualTo(1);
    assertThat(a.polls).isEqualTo(1);
  }

  @Test
  void onlyTheFirstRequestCounts() {
    Subject a = posted("a");
    Posting posting = a.posting();
    assertThat(posting.requestCancel()).isTrue();
    assertThat(posting.requestCancel()).isFalse();
    dispatcher.runUntilStalled();
    assertThat(posting.requestCancel()).isFalse();
    assertThat(a.ends).isEqualTo(1);
  }

  @Test
  void aResultThatIsThereFirstWins() {
    Subject a = new Subject("a");
    JoinHandle<Complete> handle = dispatcher.spawn(a);
    dispatcher.runUntilStalled();
    a.inPolls.add(() -> assertThat(handle.cancel()).isTrue());
    a.ready = true;
    a.wake();
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(handle.toString()).contains("completed");
    assertThat(a.ends).isEqualTo(1);
  }

  @Test
  void aCancelFromOutsideBeforeTheFirstPollEndsTheTaskUnpolled() {
    Subject a = new Subject("a");
    JoinHandle<Complete> handle = dispatcher.spawn(a);
    elsewhere(handle::cancel);
    dispatcher.runUntilStalled();
    assertThat(a.polls).isZero();
    assertThat(a.ends).isEqualTo(1);
    assertThat(handle.isDone()).isTrue();
  }

  @Test
  void aTokenThatIsAskedForAfterTheRequestIsStopped() {
    boolean[] stopped = {false};
    JoinHandle<?>[] handle = new JoinHandle<?>[1];
    handle[0] =
        dispatcher.spawn(
            "cancels itself",
            cx -> {
              handle[0].cancel();
              stopped[0] = cx.stopToken().isStopped();
              return Poll.ready();
            });
    dispatcher.runUntilStalled();
    assertThat(stopped[0]).isTrue();
  }

  // ------------------------------------------------------------------ wake-ups of the loop

  @Test
  void theLoopIsWokenOncePerSleepAndNotWhileItIsAwake() {
    int[] wakeups = {0};
    int[] parks = {0};
    Runnable[] inPark = {() -> {}};
    RunnableDispatcher counting =
        new RunnableDispatcher(DispatcherOptions.defaults()) {
          @Override
          protected void park(long nanos) {
            parks[0]++;
            inPark[0].run();
          }

          @Override
          protected void wakeLoop() {
            wakeups[0]++;
          }
        };
    inPark[0] =
        () ->
            elsewhere(
                () -> {
                  counting.post(() -> elsewhere(() -> counting.post(() -> log.add("awake"))));
                  counting.post(() -> log.add("asleep"));
                  counting.post(counting::stop);
                });
    counting.run();
    assertThat(parks[0]).isEqualTo(1);
    assertThat(wakeups[0]).isEqualTo(1);
    counting.runUntilStalled();
    assertThat(log).containsExactly("asleep", "awake");
    counting.close();
  }
}
