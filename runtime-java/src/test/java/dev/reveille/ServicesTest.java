package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One instance per dispatcher, closed with it, youngest first. */
final class ServicesTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private record Plain(Dispatcher dispatcher) {}

  private final class Older implements AutoCloseable {
    @Override
    public void close() {
      log.add("close older");
    }
  }

  private final class Younger implements AutoCloseable {
    final Older older;

    Younger(Older older) {
      this.older = older;
    }

    @Override
    public void close() {
      log.add("close younger");
    }
  }

  @Test
  void thereIsOneInstanceForADispatcher() {
    RunnableDispatcher other = rig.dispatcher();

    Plain first = loop.service(Plain.class, Plain::new);

    assertThat(loop.service(Plain.class, Plain::new)).isSameAs(first);
    assertThat(first.dispatcher()).isSameAs(loop);
    assertThat(other.service(Plain.class, Plain::new)).isNotSameAs(first);
  }

  @Test
  void manyThreadsGetTheSameInstance() throws Exception {
    AtomicInteger made = new AtomicInteger();
    List<FutureTask<Plain>> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          rig.start(
              "asks",
              () ->
                  loop.service(
                      Plain.class,
                      d -> {
                        made.getAndIncrement();
                        return new Plain(d);
                      })));
    }
    for (FutureTask<Plain> thread : threads) {
      assertThat(Rig.await(thread)).isSameAs(loop.service(Plain.class, Plain::new));
    }
    assertThat(made).hasValue(1);
  }

  @Test
  void aFactoryMayAskForAnotherServiceWhichIsOlderAndClosedLater() {
    Younger younger =
        loop.service(Younger.class, d -> new Younger(d.service(Older.class, inner -> new Older())));
    assertThat(younger.older).isSameAs(loop.service(Older.class, d -> new Older()));

    loop.close();

    assertThat(log).containsExactly("close younger", "close older");
  }

  @Test
  void aFactoryThatAsksForItselfIsTold() {
    assertThatThrownBy(
            () ->
                loop.service(
                    Plain.class,
                    d -> {
                      d.service(Plain.class, Plain::new);
                      return new Plain(d);
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Plain");
  }

  @Test
  void aFactoryThatThrowsLeavesNothingBehind() {
    IllegalStateException failure = new IllegalStateException("not now");
    assertThatThrownBy(
            () ->
                loop.service(
                    Plain.class,
                    d -> {
                      throw failure;
                    }))
        .isSameAs(failure);

    assertThat(loop.service(Plain.class, Plain::new).dispatcher()).isSameAs(loop);
  }

  @Test
  void servicesAreClosedAfterTheLastCleanupOnceAndOnTheLoop() {
    loop.service(Older.class, d -> new Older());
    List<Boolean> onLoop = new ArrayList<>();
    loop.service(AutoCloseable.class, d -> () -> onLoop.add(loop.onLoop()));
    loop.post(
        new Task("cleans") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return cx.park();
          }

          @Override
          protected void cleanup() {
            log.add("cleanup");
          }
        });
    loop.runUntilStalled();

    loop.close();
    loop.close();

    assertThat(log).containsExactly("cleanup", "close older");
    assertThat(onLoop).containsExactly(true);
  }

  @Test
  void servicesAreClosedByAShutdownToo() throws Exception {
    RunnableDispatcher real = rig.onSystemClock();
    real.service(Older.class, d -> new Older());
    Driving driving = rig.drive(real, RunnableDispatcher::run).awaitAsleep();

    real.shutdown();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
    assertThat(log).containsExactly("close older");
  }

  @Test
  void aCloseThatThrowsGoesToTheHandlerAndTheOthersAreClosedAllTheSame() {
    IllegalStateException failure = new IllegalStateException("close");
    loop.service(Older.class, d -> new Older());
    loop.service(
        AutoCloseable.class,
        d ->
            () -> {
              throw failure;
            });

    loop.close();

    assertThat(log).containsExactly("close older");
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).isSameAs(failure));
    assertThat(loop.isClosed()).isTrue();
  }

  @Test
  void whatWasHandedBackIsKnownToServicesThatAreClosed() {
    List<Runnable> given = new ArrayList<>();
    BlockOwner owner =
        new BlockOwner("test") {
          @Override
          protected void giveBack(Runnable block) {
            given.add(block);
          }
        };
    loop.service(AutoCloseable.class, d -> () -> log.add("blocks given back: " + given.size()));
    loop.post(owner, () -> {});

    loop.close();

    assertThat(log).containsExactly("blocks given back: 1");
  }
}
