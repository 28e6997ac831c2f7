package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Timer;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Selectors that return at once for no reason, or throw: a new one takes their place. */
final class FailingSelectorTest {
  private final List<TestSelector> selectors = new ArrayList<>();
  private boolean noMore;
  private final Rig rig = new Rig(options -> new SelectorDispatcher(options, this::open));
  private final SelectorDispatcher loop = (SelectorDispatcher) rig.onSystemClock();

  private synchronized TestSelector open() throws IOException {
    if (noMore) {
      throw new IOException("Too many open files");
    }
    TestSelector selector = new TestSelector();
    selectors.add(selector);
    return selector;
  }

  private synchronized void noMore(boolean value) {
    noMore = value;
  }

  private synchronized TestSelector selector(int index) {
    return selectors.get(index);
  }

  private synchronized int opened() {
    return selectors.size();
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** A reader that sleeps on the first selector. */
  private JoinHandle<Integer> reader(Ends ends) {
    JoinHandle<Integer> read = loop.spawn("reader", ends.server.read(ByteBuffer.allocate(64)));
    loop.runUntilStalled();
    return read;
  }

  @Test
  void aSelectorThatSpinsIsReplacedAndWhoWaitsGoesOn() throws Exception {
    try (Ends.Log log = new Ends.Log()) {
      Ends ends = Ends.tcp(loop);
      JoinHandle<Integer> read = reader(ends);
      ends.client.tryWrite(ByteBuffer.allocate(64));
      selector(0).spins = true;
      int selects = selector(0).selects.get();

      assertThat(loop.runUntil(read.join()).value()).isEqualTo(64);

      assertThat(opened()).isEqualTo(2);
      assertThat(selector(0).isOpen()).isFalse();
      assertThat(selector(0).selects.get() - selects).isEqualTo(ChannelSelector.PREMATURE_RETURNS);
      assertThat(log.records).hasSize(1);
      assertThat(log.text(0)).contains("'loop'").contains("spins").contains("512");
      // And the new one is used by all.
      JoinHandle<Integer> again = reader(ends);
      loop.runUntil(ends.client.write(ByteBuffer.allocate(8)));
      assertThat(loop.runUntil(again.join()).value()).isEqualTo(8);
    }
  }

  @Test
  void aTimedSleepThatEndsTooEarlyCountsAndOneThatEndsInTimeDoesNot() throws Exception {
    try (Ends.Log log = new Ends.Log()) {
      Timer timer = new Timer(loop);
      for (int i = 0; i < 600; i++) { // more than 512 empty returns, each in time
        timer.reset(Duration.ofNanos(1_000));
        loop.runUntil(timer::poll);
      }
      assertThat(opened()).isEqualTo(1);

      selector(0).spins = true;
      timer.reset(Duration.ofSeconds(5));
      JoinHandle<Complete> later = loop.spawn("later", timer::poll);
      Driving driving = rig.drive(loop, RunnableDispatcher::run);
      Rig.awaitState("it was replaced", () -> opened() == 2);
      loop.stop();
      driving.awaitOutcome();
      assertThat(later.isDone()).isFalse(); // long before its time
      assertThat(log.records).hasSize(1);
    }
  }

  @Test
  void wakesOfAWorkingLoopAreNoSpin() throws Exception {
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    for (int i = 0; i < 2_000; i++) {
      CountDownLatch ran = new CountDownLatch(1);
      loop.post(ran::countDown);
      Rig.await(ran);
    }
    assertThat(opened()).isEqualTo(1);
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void aSelectorThatThrowsIsReplacedAndReportedOnce() throws Exception {
    Ends ends = Ends.tcp(loop);
    JoinHandle<Integer> read = reader(ends);
    selector(0).fails = true;
    ends.client.tryWrite(ByteBuffer.allocate(64));
    assertThat(loop.runUntil(read.join()).value()).isEqualTo(64);
    assertThat(opened()).isEqualTo(2);
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.name()).isEqualTo("selector of dispatcher 'loop'"))
        .satisfies(u -> assertThat(u.failure()).hasMessage("Bad file descriptor"));
  }

  @Test
  void withoutAnySelectorTasksTimersAndWakesGoOnAndNothingSpins() throws Exception {
    Ends ends = Ends.tcp(loop);
    JoinHandle<Integer> read = reader(ends);
    selector(0).fails = true;
    noMore(true);
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    for (int i = 0; i < 20; i++) {
      CountDownLatch ran = new CountDownLatch(1);
      loop.post(ran::countDown);
      Rig.await(ran); // by a wake
    }
    CountDownLatch fired = new CountDownLatch(1);
    loop.postAfter(Duration.ofMillis(300), fired::countDown);
    int before = selector(0).selects.get();
    Rig.await(fired);
    assertThat(selector(0).selects.get() - before).isLessThan(40); // no spin
    assertThat(rig.takeUncaught()).hasSize(2); // the selector's failure, and that there is no other

    noMore(false);
    Rig.awaitState("there is a new one", () -> opened() == 2);
    loop.stop();
    driving.awaitOutcome();
    ends.client.tryWrite(ByteBuffer.allocate(64));
    assertThat(loop.runUntil(read.join()).value()).isEqualTo(64);
  }

  @Test
  void aConnectionThatWasClosedMeanwhileIsNotCarriedOver() throws Exception {
    Ends ends = Ends.tcp(loop);
    JoinHandle<Integer> read = reader(ends);
    selector(0).spins = true;
    loop.spawn(
        "closer",
        cx -> {
          ends.server.close();
          return Poll.ready();
        });
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofMillis(50));
    assertThatThrownBy(() -> loop.runUntil(read.join())).isInstanceOf(ClosedChannelException.class);
    loop.runUntil(timer::poll);
    assertThat(selector(opened() - 1).keys()).hasSizeLessThanOrEqualTo(1);
  }

  /** Any thread may close a channel of the user's own, also while it is being reported. */
  @Test
  void aChannelThatIsClosedWhileItIsReportedIsNoFailureOfTheSelector() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    JoinHandle<Complete> readable = loop.spawn("reader", loop.readable(pipe.source()));
    loop.runUntilStalled();
    selector(0).closesWhatItReports = true;
    pipe.sink().write(ByteBuffer.allocate(1));
    assertThatThrownBy(() -> loop.runUntil(readable.join()))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(rig.takeUncaught()).isEmpty();
    pipe.sink().close();
  }
}
