package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.LostCallbackException;
import dev.reveille.callback.Overflow;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Watches that fire once and have to be set again. */
final class WatchTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Node node = new Node();
  private final List<String> got = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** As a node of ZooKeeper: a read sets a watch that fires at the next change, once. */
  private static final class Node {
    private final List<Runnable> watchers = new ArrayList<>();
    private String state = "0";
    int reads;

    synchronized void read(Runnable watcher, Consumer<String> callback) {
      reads++;
      watchers.add(watcher);
      callback.accept(state); // under its lock, at that
    }

    synchronized void write(String newState) {
      state = newState;
      List<Runnable> fire = List.copyOf(watchers);
      watchers.clear();
      fire.forEach(Runnable::run);
    }

    synchronized void remove(Runnable watcher) {
      watchers.remove(watcher);
    }

    synchronized int watchers() {
      return watchers.size();
    }
  }

  private PollStream<String> states() {
    return Callbacks.watch(
        "states",
        Overflow.latest(),
        (emitter, fired) -> {
          node.read(fired, emitter::next);
          return () -> node.remove(fired);
        });
  }

  private JoinHandle<Complete> consume(PollStream<String> stream) {
    JoinHandle<Complete> handle = loop.spawn("consumer", stream.forEach(got::add));
    handle.toCompletableFuture(); // joins
    loop.runUntilStalled();
    return handle;
  }

  @Test
  void itIsSetAgainEachTimeItHasFired() {
    consume(states());
    assertThat(got).containsExactly("0");
    for (int i = 1; i < 5; i++) {
      int n = i;
      rig.elsewhere(() -> node.write("" + n));
      assertThat(node.watchers()).isZero(); // set again on the loop
      loop.runUntilStalled();
      assertThat(node.watchers()).isEqualTo(1);
    }
    assertThat(got).containsExactly("0", "1", "2", "3", "4");
    assertThat(node.reads).isEqualTo(5);
  }

  @Test
  void changesBetweenTwoSettingsAreOneButTheLastStateIsSeen() {
    consume(states());
    node.write("1");
    node.write("2");
    node.write("3");
    loop.runUntilStalled();
    assertThat(got).containsExactly("0", "3");
  }

  @Test
  void aConsumerThatDoesNotAskDoesNotSetItAgain() {
    PollStream<String> stream = states();
    loop.spawn(stream.next());
    loop.runUntilStalled();
    node.write("1");
    loop.runUntilStalled();
    assertThat(node.reads).isEqualTo(1);
    consume(stream);
    assertThat(got).containsExactly("1");
    assertThat(node.reads).isEqualTo(2);
  }

  @Test
  void cancelWithdrawsTheWatchThatIsSet() {
    JoinHandle<Complete> consumer = consume(states());
    node.write("1");
    loop.runUntilStalled();
    assertThat(node.watchers()).isEqualTo(1);
    consumer.cancel();
    loop.runUntilStalled();
    assertThat(node.watchers()).isZero();

    states().cancel(); // never set
    assertThat(node.reads).isEqualTo(2);
  }

  @Test
  void oneThatHasFiredIsNotWithdrawn() {
    List<String> log = new ArrayList<>();
    JoinHandle<Complete> consumer =
        consume(
            Callbacks.watch(
                "states",
                Overflow.latest(),
                (emitter, fired) -> {
                  node.read(fired, emitter::next);
                  return () -> log.add("withdrawn");
                }));
    node.write("1");
    consumer.cancel();
    loop.runUntilStalled();
    assertThat(log).isEmpty();
  }

  @Test
  void oneThatFiresTwiceOrWhenItWasReplacedCountsOnce() {
    List<Runnable> all = new ArrayList<>();
    consume(
        Callbacks.watch(
            "states",
            Overflow.unbounded(),
            (emitter, fired) -> {
              all.add(fired);
              emitter.next("set " + all.size());
              return () -> {};
            }));
    all.get(0).run();
    all.get(0).run();
    loop.runUntilStalled();
    all.get(0).run();
    loop.runUntilStalled();
    assertThat(got).containsExactly("set 1", "set 2");
  }

  @Test
  void oneThatCannotBeSetFailsTheStreamAfterWhatWasTold() {
    IOException gone = new IOException("gone");
    JoinHandle<Complete> consumer =
        consume(
            Callbacks.watch(
                "states",
                Overflow.unbounded(),
                (emitter, fired) -> {
                  if (node.reads == 1) {
                    emitter.next("last words");
                    throw gone;
                  }
                  node.read(fired, emitter::next);
                  return () -> {};
                }));
    node.write("1");
    Pollable<Complete> join = consumer.join();
    assertThatThrownBy(() -> loop.runUntil(join)).isSameAs(gone);
    assertThat(got).containsExactly("0", "last words");
  }

  @Test
  void oneThatReturnsNothingFailsTheStreamByName() {
    JoinHandle<Complete> consumer =
        consume(
            Callbacks.watch(
                "states",
                Overflow.unbounded(),
                (emitter, fired) -> {
                  node.read(fired, emitter::next);
                  return null;
                }));
    assertThatThrownBy(() -> loop.runUntil(consumer.join()))
        .isInstanceOf(NullPointerException.class)
        .hasMessageStartingWith("the watch 'states' returned null; return the action");
  }

  @Test
  void oneThatFiresAtOnceEachTimeLetsOthersRun() {
    int[] settings = {0};
    JoinHandle<Complete> consumer =
        consume(
            Callbacks.watch(
                "busy",
                Overflow.latest(),
                (emitter, fired) -> {
                  if (++settings[0] < 10_000) {
                    fired.run();
                  }
                  return () -> {};
                }));
    assertThat(settings[0]).isEqualTo(10_000);
    assertThat(loop.lastRunSteps()).isGreaterThan(20);
    consumer.cancel();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void oneThatTheLegacySideHasDroppedIsLost() {
    JoinHandle<Complete> consumer =
        consume(Callbacks.watch("dropped", Overflow.latest(), (emitter, fired) -> () -> {}));
    assertThat(
            Rig.collectGarbageUntil(
                () -> {
                  loop.runUntilStalled();
                  return consumer.isDone();
                }))
        .isTrue();
    assertThatThrownBy(() -> loop.runUntil(consumer.join()))
        .isInstanceOf(LostCallbackException.class);
  }

  /** The last state is always seen, whenever it changes. */
  @Test
  void hammeredTheLastStateIsSeen() throws Exception {
    RunnableDispatcher driven = rig.onSystemClock();
    JoinHandle<String> last = driven.spawn(states().filter(state -> state.equals("20000")).first());
    rig.drive(driven, RunnableDispatcher::run);
    FutureTask<Boolean> writer =
        rig.start(
            "writer",
            () -> {
              for (int i = 1; i <= 20_000; i++) {
                node.write("" + i);
              }
              return true;
            });
    Rig.await(writer);
    assertThat(last.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isEqualTo("20000");
  }
}
