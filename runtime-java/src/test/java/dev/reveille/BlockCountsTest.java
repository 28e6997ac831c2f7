package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whose turns they were: {@link DispatcherSnapshot#blocks}. */
class BlockCountsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  private static final class Owner extends BlockOwner {
    Owner(String kind) {
      super(kind);
    }

    @Override
    protected void giveBack(Runnable block) {}
  }

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void aKindIsThereWithItsFirstBlockThatHasRun() {
    Owner segments = new Owner("coroutine");
    loop.post(segments, () -> {});
    assertThat(loop.snapshot().blocks()).isEmpty();
    loop.runUntilStalled();
    assertThat(loop.snapshot().blocks()).isEqualTo(Map.of("coroutine", 1L));
  }

  @Test
  void ownersOfOneKindAreCountedTogether() {
    Owner one = new Owner("coroutine");
    Owner two = new Owner("coroutine");
    loop.post(one, () -> {});
    loop.post(two, () -> {});
    loop.post(two, () -> {});
    loop.post(new Owner("actor"), () -> {});
    loop.runUntilStalled();

    assertThat(loop.snapshot().blocks()).containsExactly(Map.entry("actor", 1L), entry(3));
    assertThat(one.blocksRun()).isEqualTo(1);
    assertThat(two.blocksRun()).isEqualTo(2);
  }

  private static Map.Entry<String, Long> entry(long coroutines) {
    return Map.entry("coroutine", coroutines);
  }

  @Test
  void callbacksOfAViewAreCallbacks() {
    loop.post(new Owner("callback"), () -> {});
    loop.post(() -> {});
    loop.runUntilStalled();
    assertThat(loop.snapshot().callbacks()).isEqualTo(2);
    assertThat(loop.snapshot().blocks()).isEmpty();
  }

  @Test
  void blocksFromElsewhereAndTimedOnesCount() {
    Owner segments = new Owner("coroutine");
    loop.postAt(loop.ticker().read() + Duration.ofSeconds(1).toNanos(), segments, () -> {});
    rig.elsewhere(() -> loop.post(segments, () -> {}));
    loop.runUntilStalled();
    assertThat(loop.snapshot().blocks()).containsExactly(entry(1));
    rig.time().advance(Duration.ofSeconds(1));
    assertThat(loop.snapshot().blocks()).containsExactly(entry(2));
  }

  @Test
  void aBlockThatThrowsWasRunAndOneThatIsGivenBackWasNot() {
    Owner segments = new Owner("coroutine");
    loop.post(
        segments,
        () -> {
          throw new IllegalStateException("thrown by the block");
        });
    loop.runUntilStalled();
    loop.post(segments, () -> {});
    loop.close();
    assertThat(loop.snapshot().blocks()).containsExactly(entry(1));
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void turnsAreTheSumOfAll() {
    loop.spawn("task", cx -> Poll.ready());
    loop.post(() -> {});
    loop.post(new Owner("callback"), () -> {});
    loop.post(new Owner("coroutine"), () -> {});
    loop.post(new Owner("actor"), () -> {});
    loop.runUntilStalled();
    assertThat(loop.snapshot().turns()).isEqualTo(5);
  }

  @Test
  void theCountsOfASnapshotDoNotChange() {
    Map<String, Long> blocks = loop.snapshot().blocks();
    assertThatThrownBy(() -> blocks.put("coroutine", 1L))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  /** A view of a loop as an executor is one owner each, and programs make them as they go. */
  @Test
  void anOwnerThatNobodyHasAnyMoreIsNotHeldByItsCount() {
    WeakReference<Owner> gone = new WeakReference<>(runOneBlock());
    assertThat(Rig.collectGarbageUntil(() -> gone.refersTo(null))).isTrue();
    assertThat(loop.snapshot().blocks()).containsExactly(entry(1));
  }

  private Owner runOneBlock() {
    Owner owner = new Owner("coroutine");
    loop.post(owner, () -> {});
    loop.runUntilStalled();
    return owner;
  }

  @Test
  void anotherThreadMayLookWhileNewKindsCome() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    FutureTask<Long> reader =
        rig.start(
            "reader",
            () -> {
              long last = 0;
              while (!over.get()) {
                long turns = loop.snapshot().turns();
                assertThat(turns).isGreaterThanOrEqualTo(last);
                last = turns;
              }
              return last;
            });
    int kinds = 200;
    for (int i = 0; i < kinds; i++) {
      loop.post(new Owner("kind " + i), () -> {});
      loop.runUntilStalled();
    }
    over.set(true);
    assertThat(Rig.await(reader)).isLessThanOrEqualTo(kinds);
    assertThat(loop.snapshot().turns()).isEqualTo(kinds);
    assertThat(loop.snapshot().blocks()).hasSize(kinds);
  }
}
