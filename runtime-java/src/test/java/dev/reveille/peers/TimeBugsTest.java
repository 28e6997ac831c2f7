package dev.reveille.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TimedPost;
import dev.reveille.Timer;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Deadlines: equal ones, far ones, past ones, and what happens while one fires. */
final class TimeBugsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private Timer timer(String name, Duration delay) {
    Timer timer = new Timer(loop);
    timer.reset(delay);
    loop.spawn(name, cx -> timer.poll(cx).map(complete -> log.add(name)));
    return timer;
  }

  /** Pigweed's TimeProvider: A, B, C with one expiration fire A, C, B. */
  @Test
  void equalDeadlinesFireInTheOrderOfArmingWhateverArmedThem() {
    timer("A", SECOND);
    loop.postAfter(SECOND, () -> log.add("B"));
    Timer moved = timer("D", Duration.ofHours(1));
    timer("C", SECOND);
    moved.reset(SECOND); // arms it anew: behind C
    rig.elsewhere(() -> loop.postAfter(SECOND, () -> log.add("E")));
    loop.runUntilStalled();

    rig.time().advance(SECOND);

    assertThat(log).containsExactly("A", "B", "C", "D", "E");
  }

  /** Pigweed c254a437e: the callback of a timer that used the timers dead-locked. */
  @Test
  void whatFiresMayArmResetAndCancelTimersOfTheSameDeadline() {
    Timer later = new Timer(loop);
    List<TimedPost> posts = new ArrayList<>();
    loop.postAfter(
        SECOND,
        () -> {
          log.add("first");
          later.resetAt(rig.time().read());
          loop.spawn(cx -> later.poll(cx).map(complete -> log.add("armed for now")));
          loop.postAfter(Duration.ZERO, () -> log.add("posted for now"));
          assertThat(posts.get(0).cancel()).isFalse(); // queued already, in its order
          assertThat(posts.get(1).cancel()).isTrue();
        });
    posts.add(loop.postAfter(SECOND, () -> log.add("second")));
    posts.add(loop.postAfter(SECOND.plusNanos(1), () -> log.add("wrong")));

    rig.time().advance(SECOND.plusNanos(1));

    assertThat(log).containsExactly("first", "second", "armed for now", "posted for now");
  }

  /** tokio issue_5183 and its kin: far deadlines overflowed, or fired at once. */
  @Test
  void theFarthestDeadlinesKeepTheirOrderAndNeverComesNever() {
    for (long before : new long[] {3, 1, 2}) {
      loop.postAt(Long.MAX_VALUE - before, () -> log.add("max - " + before));
    }
    loop.postAt(Long.MAX_VALUE, () -> log.add("wrong"));
    loop.postAfter(Duration.ofSeconds(Long.MAX_VALUE), () -> log.add("wrong"));

    rig.time().advance(Duration.ofDays(365));
    assertThat(log).isEmpty();
    rig.time().advance(Duration.ofSeconds(Long.MAX_VALUE));

    assertThat(log).containsExactly("max - 3", "max - 2", "max - 1");
    assertThat(loop.snapshot().timedCallbacks()).isEqualTo(2);
  }

  /** Pigweed, TimerWithPastExpirationExpiresImmediately; tokio: also at Instant's beginning. */
  @Test
  void deadlinesInThePastFireAtTheNextLookInTheirOrder() {
    rig.time().advance(SECOND);
    loop.postAt(rig.time().read(), () -> log.add("now"));
    loop.postAt(-5, () -> log.add("long ago"));
    loop.postAt(Long.MIN_VALUE, () -> log.add("at the beginning"));

    loop.runUntilStalled();

    assertThat(log).containsExactly("at the beginning", "long ago", "now");
  }

  /** tokio #6504: a sleep that nobody polled cost a lock. Here it is no work and wakes nobody. */
  @Test
  void aTimerThatNobodyPolledFiresAllTheSame() {
    Timer timer = new Timer(loop);
    timer.reset(SECOND);

    rig.time().advance(SECOND);

    assertThat(timer.hasFired()).isTrue();
    assertThat(loop.snapshot().taskPolls()).isZero();
    JoinHandle<Complete> late = loop.spawn(timer);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(late.isDone()).isTrue();
  }

  /** tokio's lazy reset: the old slot came due and fired the timer that had been put off. */
  @Test
  void aTimerThatIsPutOffAgainAndAgainFiresOnceAtTheLastDeadline() {
    Timer timer = new Timer(loop);
    timer.reset(SECOND);
    int[] polls = {0};
    loop.spawn(
        cx -> {
          polls[0]++;
          return timer.poll(cx).map(complete -> log.add("at " + cx.now()));
        });
    loop.runUntilStalled();
    for (int i = 0; i < 1_000; i++) {
      rig.time().advance(Duration.ofMillis(999));
      timer.reset(SECOND);
    }

    rig.time().advance(SECOND);

    assertThat(log).containsExactly("at " + (999L * 1_000 + 1_000) * 1_000_000);
    assertThat(polls[0]).isEqualTo(2);
  }

  /** Pigweed, MultipleMovedTimersExpireInOrder: inserted and moved out of order. */
  @Test
  void timersThatWereMovedFireInTheOrderOfTheirLastDeadlines() {
    Timer third = timer("third", Duration.ofSeconds(1));
    Timer first = timer("first", Duration.ofSeconds(5));
    Timer second = timer("second", Duration.ofSeconds(9));
    loop.runUntilStalled();
    third.reset(Duration.ofSeconds(3));
    second.reset(Duration.ofSeconds(2));
    first.reset(Duration.ofSeconds(1));

    rig.time().advance(Duration.ofSeconds(3));

    assertThat(log).containsExactly("first", "second", "third");
  }

  /** A deadline that two drivers work at: armed under one, due under the next. */
  @Test
  void aTimerThatWasArmedUnderOneDriverFiresUnderTheNext() throws Exception {
    Timer timer = new Timer(loop);
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              if (!timer.isPending() && !timer.hasFired()) {
                timer.reset(SECOND);
              }
              return timer.poll(cx).map(complete -> Thread.currentThread().getName());
            });
    RunOutcome outcome = rig.callElsewhere(loop::runUntilStalled);
    assertThat(outcome).isEqualTo(RunOutcome.ASLEEP);
    rig.time().autoAdvance();

    Poll<String> poll = loop.runUntil(handle.join());

    assertThat(poll.value()).isEqualTo(Thread.currentThread().getName());
    assertThat(rig.time().read()).isEqualTo(SECOND.toNanos());
  }

  /** Embassy keeps one deadline a task; here a task may wait for many, and each one wakes it. */
  @Test
  void aTaskMayWaitForManyTimersAndIsWokenByEach() {
    List<Timer> timers = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      Timer timer = new Timer(loop);
      timer.reset(Duration.ofSeconds(i));
      timers.add(timer);
    }
    loop.spawn(
        cx -> {
          int fired = 0;
          for (Timer timer : timers) {
            fired += timer.poll(cx).isReady() ? 1 : 0;
          }
          log.add(fired + " at " + Duration.ofNanos(cx.now()).toSeconds());
          return fired == timers.size() ? Poll.ready() : Poll.pending();
        });

    rig.time().advance(Duration.ofSeconds(10));

    assertThat(log).containsExactly("0 at 0", "1 at 1", "2 at 2", "3 at 3", "4 at 4", "5 at 5");
  }
}
