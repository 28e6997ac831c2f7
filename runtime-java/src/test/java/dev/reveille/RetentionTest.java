package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What is over is let go: by the dispatcher, its timers, its handles. Pigweed has these as
 * DeregisteredRemovesTaskReference and DestroyingDispatcherRemovesTaskReference.
 */
final class RetentionTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  /** What a test keeps hold of, so that only what it does not mention can be collected. */
  private final List<Object> kept = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
    assertThat(kept).doesNotContainNull();
  }

  /** Waits for a timer that nobody disarms, for its token and for a slot. */
  private final class Waiting extends Task {
    final Timer timer = new Timer(loop);
    final byte[] large = new byte[1_000];

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      if (!timer.isPending()) {
        timer.reset(Duration.ofDays(1));
      }
      timer.poll(cx);
      slot.register(cx, "an event");
      source.token().pollStopped(cx);
      cx.stopToken().pollStopped(cx);
      kept.add(cx.waker("the test"));
      kept.add(timer);
      return large.length == 0 ? Poll.ready() : Poll.pending();
    }
  }

  private final WakerSlot slot = new WakerSlot();
  private final StopSource source = new StopSource();

  private static boolean isCollected(WeakReference<?> reference) {
    return Rig.collectGarbageUntil(() -> reference.get() == null);
  }

  private WeakReference<Task> cancelled() {
    Task task = new Waiting();
    JoinHandle<Complete> handle = loop.spawn(task);
    kept.add(handle);
    loop.runUntilStalled();
    handle.cancel();
    loop.runUntilStalled();
    return new WeakReference<>(task);
  }

  @Test
  void aCancelledTaskIsLetGoThoughItsTimerIsArmedAndItsWakersAreOut() {
    WeakReference<Task> task = cancelled();

    assertThat(isCollected(task)).isTrue();
    assertThat(slot.isRegistered()).isTrue();
  }

  private WeakReference<Task> closed() {
    Task task = new Waiting();
    kept.add(loop.spawn(task));
    loop.runUntilStalled();
    loop.close();
    return new WeakReference<>(task);
  }

  @Test
  void aClosedDispatcherKeepsNoTask() {
    WeakReference<Task> task = closed();

    assertThat(isCollected(task)).isTrue();
    assertThat(loop.isClosed()).isTrue();
  }

  private WeakReference<Task> handedBack() {
    Task task = new Waiting();
    kept.add(loop.spawn(task));
    assertThat(loop.shutdownNow().tasks()).hasSize(1);
    return new WeakReference<>(task);
  }

  @Test
  void whatWasHandedBackIsNotKeptAsWell() {
    assertThat(isCollected(handedBack())).isTrue();
    assertThat(loop.isClosed()).isTrue();
  }

  private WeakReference<Runnable> ran() {
    byte[] large = new byte[1_000];
    Runnable callback = () -> kept.add(large.length);
    loop.post(callback);
    rig.elsewhere(() -> loop.post(callback));
    kept.add(loop.postAfter(Duration.ofSeconds(1), callback));
    rig.time().advance(Duration.ofSeconds(1));
    assertThat(kept).hasSize(4);
    return new WeakReference<>(callback);
  }

  @Test
  void aCallbackThatRanIsLetGo() {
    assertThat(isCollected(ran())).isTrue();
    assertThat(loop.snapshot().callbacks()).isEqualTo(3);
  }

  private WeakReference<Task> refused() {
    Task task = new Waiting();
    kept.add(loop.spawn(task));
    return new WeakReference<>(task);
  }

  @Test
  void theHandleOfARefusedSpawnKeepsNothing() {
    loop.close();

    assertThat(isCollected(refused())).isTrue();
  }

  private WeakReference<Object> joined(Waker[] end) {
    Object result = new byte[1_000];
    JoinHandle<Object> handle =
        loop.spawn(
            cx -> {
              end[0] = cx.waker("the test");
              return kept.isEmpty() ? Poll.pending() : Poll.ready("small");
            });
    Pollable<Object> join = handle.join();
    loop.spawn(cx -> join.poll(cx).map(small -> result));
    loop.runUntilStalled();
    kept.add(handle);
    return new WeakReference<>(result);
  }

  /** Those who joined hang on the handle until the end, and not after it. */
  @Test
  void aHandleKeepsNobodyWhoJoined() {
    Waker[] end = new Waker[1];
    WeakReference<Object> held = joined(end);
    end[0].wake();
    loop.runUntilStalled();

    assertThat(isCollected(held)).isTrue();
  }
}
