package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.contract.Rig;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** DESIGN 3.1, where it speaks of what a poll is and what it costs. */
final class PollContractTest {
  private static final int OPERATIONS = 100_000;
  private static final long CONSTANT = 4_096;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private ThreadMXBean threads;

  @BeforeEach
  void countBytes() {
    assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
    threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
  }

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private long bytesOf(Runnable action) {
    for (int i = 0; i < 5; i++) {
      action.run(); // what is linked, compiled and compiled again on the way costs bytes, too
    }
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    action.run();
    return threads.getThreadAllocatedBytes(id) - before;
  }

  @Test
  void aPollIsReadyOrPendingAndNothingElse() {
    assertThat(Poll.class.isSealed()).isTrue();
    assertThat(Poll.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(Poll.Ready.class, Poll.Pending.class);
    assertThat(Poll.Ready.class.isRecord()).isTrue();
    assertThat(Poll.Pending.class.getDeclaredConstructors())
        .allMatch(c -> Modifier.isPrivate(c.getModifiers()));
  }

  /** "Poll.ready(v) costs 16 bytes where it is not inlined away": a header and a reference. */
  @Test
  void aReadyPollWithAValueCostsSixteenBytes() {
    Poll<?>[] keep = new Poll<?>[OPERATIONS];
    String value = "value";

    long bytes =
        bytesOf(
            () -> {
              for (int i = 0; i < OPERATIONS; i++) {
                keep[i] = Poll.ready(value);
              }
            });

    assertThat(bytes).isBetween(16L * OPERATIONS, 16L * OPERATIONS + CONSTANT);
  }

  /** "no object per call, the waiter node lives in the endpoint" */
  @Test
  void pollingASourceAgainAllocatesNothing() {
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofHours(1));
    WakerSlot slot = new WakerSlot();
    StopSource source = new StopSource();
    loop.spawn(
        "polls again and again",
        cx -> {
          timer.poll(cx);
          slot.register(cx, "an event");
          source.token().pollStopped(cx);
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS))).isLessThan(CONSTANT);
  }

  /** The same of a one-shot operation: the poll that finds it pending costs nothing. */
  @Test
  void pollingAPendingJoinAgainAllocatesNothing() {
    JoinHandle<Object> never = loop.spawn(cx -> cx.park());
    Pollable<Object> join = never.join();
    loop.spawn(
        "joins again and again",
        cx -> {
          join.poll(cx);
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS))).isLessThan(CONSTANT);
  }

  /** A lambda without resources is a leaf; giving it up needs nothing and does nothing. */
  @Test
  void aLambdaMayBeGivenUpAgainAndAgain() {
    AtomicInteger polls = new AtomicInteger();
    Pollable<Integer> leaf = cx -> Poll.ready(polls.incrementAndGet());
    leaf.cancel();
    leaf.cancel();

    JoinHandle<Integer> handle = loop.spawn(leaf);
    loop.runUntilStalled();

    assertThat(handle.toCompletableFuture()).isCompletedWithValue(1);
  }

  /** "Parameters are taken as Pollable<? extends T>": what is written here has to compile. */
  @Test
  void childrenOfASubtypeAreTaken() {
    Pollable<Integer> one = cx -> Poll.ready(1);
    Pollable<Double> two = cx -> Poll.ready(2.0);
    List<Pollable<? extends Number>> children = List.of(one, two);
    Pollable<Number> sum =
        Pollable.owning(
            children,
            cx -> {
              double all = 0;
              for (Pollable<? extends Number> child : children) {
                all += child.poll(cx).value().doubleValue();
              }
              return Poll.ready(all);
            });

    JoinHandle<Number> handle = loop.spawn(sum);
    loop.runUntilStalled();

    assertThat(handle.toCompletableFuture()).isCompletedWithValue(3.0);
  }

  /** A waker for polls whose result is not waited for: there is one, and it wakes nobody. */
  @Test
  void theWakerOfNobodyWakesNobody() {
    assertThat(Waker.none()).isSameAs(Waker.none());
    Waker.none().wake();
    loop.spawn(
        cx -> {
          Timer timer = new Timer(loop);
          timer.reset(Duration.ofSeconds(1));
          timer.poll(cx.withWaker(Waker.none()));
          return cx.park();
        });
    loop.runUntilStalled();
    long polls = loop.snapshot().taskPolls();

    rig.time().advance(Duration.ofSeconds(1));

    assertThat(loop.snapshot().taskPolls()).isEqualTo(polls);
  }
}
