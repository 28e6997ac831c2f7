package dev.reveille.peers;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.StopSource;
import dev.reveille.Task;
import dev.reveille.Timer;
import dev.reveille.Waker;
import dev.reveille.WakerSlot;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Wakes that peers lost, doubled, or ran on the wrong stack. */
final class WakeBugsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Wakes the next one when it is polled. */
  private static final class Link extends Task {
    final @Nullable Link next;
    @Nullable Waker waker;
    int depth;
    boolean woken;

    Link(@Nullable Link next) {
      super("link");
      this.next = next;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      waker = cx.waker("the one before");
      if (!woken) {
        return Poll.pending();
      }
      depth = new Throwable().getStackTrace().length;
      if (next != null) {
        next.wakeUp();
      }
      return Poll.ready();
    }

    void wakeUp() {
      woken = true;
      requireNonNull(waker).wake();
    }
  }

  /** cppcoro #65, stdexec #212: a chain of completions was a chain of calls, and overflowed. */
  @Test
  void aChainOfWakesDoesNotGrowTheStack() {
    List<Link> links = new ArrayList<>();
    Link next = null;
    for (int i = 0; i < 50_000; i++) {
      next = new Link(next);
      links.add(next);
      loop.post(next);
    }
    loop.runUntilStalled();

    requireNonNull(next).wakeUp();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(links).allMatch(link -> link.depth == links.get(0).depth);
  }

  /** Capy PR #216: a stop callback resumed the coroutine on the stopping thread: use after free. */
  @Test
  void neitherAWakeNorAStopNorACancelPollsOnTheCallersStack() {
    StopSource source = new StopSource();
    Waker[] waker = new Waker[1];
    JoinHandle<Object> handle =
        loop.spawn(
            "watched",
            cx -> {
              log.add("poll");
              waker[0] = cx.waker("the test");
              source.token().pollStopped(cx);
              return Poll.pending();
            });
    loop.runUntilStalled();
    log.clear();

    loop.post(
        () -> {
          waker[0].wake();
          source.stop();
          handle.cancel();
          log.add("callback is over");
        });
    loop.runUntilStalled();
    assertThat(log).containsExactly("callback is over");
    assertThat(handle.isDone()).isTrue();
  }

  /** Corosio PR #226: a cancel before the wait began was lost. */
  @Test
  void aCancelBeforeTheFirstPollIsRemembered() {
    List<JoinHandle<Object>> handles = new ArrayList<>();
    loop.post(() -> log.add("canceller: " + handles.get(0).cancel()));
    handles.add(
        loop.spawn(
            cx -> {
              log.add("poll");
              return cx.park();
            }));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("canceller: true");
    assertThat(handles.get(0).toCompletableFuture()).isCancelled();
  }

  /** Redis-on-Asio #318: a signal between completion and handler was lost. */
  @Test
  void aCancelBetweenTheWakeAndThePollPreventsThePoll() {
    int[] polls = {0};
    Waker[] waker = new Waker[1];
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              waker[0] = cx.waker("the test");
              return polls[0]++ == 0 ? Poll.pending() : Poll.ready("value");
            });
    loop.runUntilStalled();

    waker[0].wake();
    handle.cancel();
    loop.runUntilStalled();

    assertThat(polls[0]).isEqualTo(1);
    assertThat(handle.toCompletableFuture()).isCancelled();
  }

  /** Corosio 4a739fc: registering with a token that was already stopped dead-locked. */
  @Test
  void aTokenThatWasStoppedBeforeIsReadyInTheFirstPoll() {
    StopSource source = new StopSource();
    source.stop();
    JoinHandle<Complete> handle = loop.spawn(cx -> source.token().pollStopped(cx));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(handle.toCompletableFuture()).isCompletedWithValue(Complete.COMPLETE);
    assertThat(loop.lastRunSteps()).isEqualTo(1);
  }

  /** Pigweed e4c113e55: a future that was woken and still pending was listed no more. */
  @Test
  void whoIsWokenForNothingAndWaitsAgainIsWokenAgain() {
    WakerSlot slot = new WakerSlot();
    boolean[] there = {false};
    int[] polls = {0};
    JoinHandle<Complete> handle =
        loop.spawn(
            cx -> {
              polls[0]++;
              slot.register(cx, "the event");
              return there[0] ? Poll.ready() : Poll.pending();
            });
    loop.runUntilStalled();
    slot.wake();
    loop.runUntilStalled();
    assertThat(handle.isDone()).isFalse();

    there[0] = true;
    slot.wake();
    loop.runUntilStalled();

    assertThat(handle.isDone()).isTrue();
    assertThat(polls[0]).isEqualTo(3);
  }

  /** Pigweed: re-polling with the same task is a no-op; WakerQueue kept one entry. */
  @Test
  void aJoinPolledAgainAndAgainIsRegisteredOnce() {
    Waker[] waker = new Waker[1];
    boolean[] done = {false};
    JoinHandle<Complete> handle =
        loop.spawn(
            "joined",
            cx -> {
              waker[0] = cx.waker("the test");
              return done[0] ? Poll.ready() : Poll.pending();
            });
    Pollable<Complete> join = handle.join();
    loop.spawn(
        "joiner",
        cx -> {
          Waker mine = cx.waker("the join");
          Context noting =
              cx.withWaker(
                  () -> {
                    log.add("woken");
                    mine.wake();
                  });
          for (int i = 0; i < 100; i++) {
            if (join.poll(noting).isReady()) {
              return Poll.ready();
            }
          }
          return Poll.pending();
        });
    loop.runUntilStalled();

    done[0] = true;
    waker[0].wake();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("woken");
  }

  /** The wake of an ended task's timer, source and token finds nobody: no spurious poll. */
  @Test
  void whatAnEndedTaskWaitedForPollsNobody() {
    Timer timer = new Timer(loop);
    StopSource source = new StopSource();
    WakerSlot slot = new WakerSlot();
    timer.reset(Duration.ofSeconds(1));
    JoinHandle<Object> handle =
        loop.spawn(
            cx -> {
              timer.poll(cx);
              source.token().pollStopped(cx);
              slot.register(cx, "an event");
              return Poll.pending();
            });
    loop.runUntilStalled();
    handle.cancel();
    loop.runUntilStalled();
    long polls = loop.snapshot().taskPolls();

    slot.wake();
    source.stop();
    rig.time().advance(Duration.ofSeconds(1));
    loop.runUntilStalled();

    assertThat(loop.snapshot().taskPolls()).isEqualTo(polls);
    assertThat(loop.lastRunSteps()).isZero();
  }

  // ------------------------------------------------------------------ register and wake at once

  /** A source and a task that play ping-pong by way of a slot. */
  private static final class Events implements Pollable<Complete> {
    final WakerSlot slot = new WakerSlot();
    final int last;

    /** How many events there were; the task looks at it, registers, and looks again. */
    volatile int happened;

    /** How many the task has seen; the source waits for each. */
    volatile int seen;

    Events(int last) {
      this.last = last;
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      for (; ; ) {
        if (happened == seen) {
          slot.register(cx, "an event");
          if (happened == seen) {
            return Poll.pending();
          }
        }
        seen = happened;
        if (seen == last) {
          return Poll.ready();
        }
      }
    }
  }

  /**
   * The AtomicWaker's race, pigweed's ButtonFuture: look, then register, and the event that came in
   * between is lost. Were one lost here, both sides would wait for ever.
   */
  @Test
  void anEventThatComesWhileTheTaskRegistersIsNotLost() throws Exception {
    Events events = new Events(20_000);
    JoinHandle<Complete> handle = loop.spawn(events);
    Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion);

    Rig.await(
        rig.start(
            "source",
            () -> {
              for (int i = 1; i <= events.last; i++) {
                events.happened = i;
                events.slot.wake();
                int event = i;
                Rig.awaitState("event " + event + " is seen", () -> events.seen == event);
              }
              return true;
            }));

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(handle.isDone()).isTrue();
  }
}
