package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Rig;
import dev.reveille.sync.Broadcast.Receiver;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every value to every receiver, and the truth to those who are too slow. */
final class BroadcastTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private static void send(Broadcast<Integer> broadcast, int from, int to) {
    for (int i = from; i <= to; i++) {
      broadcast.send(i);
    }
  }

  private static List<Integer> drain(Receiver<Integer> receiver) throws LaggedException {
    List<Integer> all = new ArrayList<>();
    for (Integer v = receiver.tryReceive(); v != null; v = receiver.tryReceive()) {
      all.add(v);
    }
    return all;
  }

  private static long missedBy(Receiver<?> receiver) {
    return catchThrowableOfType(LaggedException.class, receiver::tryReceive).missed();
  }

  // ------------------------------------------------------------------ to all

  @Test
  void everyReceiverGetsEveryValueSinceItsSubscription() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(16);
    Receiver<Integer> early = broadcast.subscribe();
    assertThat(broadcast.send(1)).isEqualTo(1);
    Receiver<Integer> late = broadcast.subscribe();
    assertThat(broadcast.send(2)).isEqualTo(2);
    assertThat(broadcast.send(3)).isEqualTo(2);

    assertThat(drain(early)).containsExactly(1, 2, 3);
    assertThat(drain(late)).containsExactly(2, 3);
    assertThat(drain(late)).isEmpty();
  }

  @Test
  void aSendToNobodySaysSoAndKeepsNothing() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(4);
    assertThat(broadcast.send(1)).isZero();
    assertThat(broadcast.retained()).isZero();

    Receiver<Integer> receiver = broadcast.subscribe();
    assertThat(broadcast.receivers()).isEqualTo(1);
    assertThat(drain(receiver)).isEmpty();
    receiver.close();
    assertThat(broadcast.send(2)).isZero();
  }

  @Test
  void aSendWakesAllWhoWait() throws Exception {
    Broadcast<String> broadcast = new Broadcast<>(4);
    List<JoinHandle<String>> handles = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      handles.add(loop.spawn(name, broadcast.subscribe().receive()));
    }
    loop.runUntilStalled();
    assertThat(handles).noneMatch(JoinHandle::isDone);

    rig.elsewhere(() -> broadcast.send("news"));
    loop.runUntilStalled();

    for (JoinHandle<String> handle : handles) {
      assertThat(loop.runUntil(handle.join()).value()).isEqualTo("news");
    }
  }

  @Test
  void pollReceiveGivesOneValueAfterTheOther() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(4);
    Receiver<Integer> receiver = broadcast.subscribe();
    HandPolled task = new HandPolled(loop, "reader");
    for (int i = 0; i < 10; i++) {
      assertThat(task.call(receiver::pollReceive).isPending()).isTrue();
      assertThat(task.call(receiver::pollReceive).isPending()).isTrue();
      broadcast.send(i);
      assertThat(task.takeWakes()).isEqualTo(1);
      assertThat(task.call(receiver::pollReceive).value()).isEqualTo(i);
    }
  }

  @Test
  void cancellingAReceiveLosesNoValue() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(4);
    Receiver<Integer> receiver = broadcast.subscribe();
    JoinHandle<Integer> handle = loop.spawn("a", receiver.receive());
    loop.runUntilStalled();

    handle.cancel();
    broadcast.send(1);
    loop.runUntilStalled();

    assertThat(handle.isDone()).isTrue();
    assertThat(drain(receiver)).containsExactly(1);
  }

  // ------------------------------------------------------------------ too slow

  @Test
  void aSlowReceiverIsToldOnceHowManyItMissedAndGoesOnWithTheOldestThatIsLeft() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>("news", 3);
    Receiver<Integer> slow = broadcast.subscribe();
    send(broadcast, 1, 8);

    LaggedException lagged = catchThrowableOfType(LaggedException.class, slow::tryReceive);

    assertThat(lagged.missed()).isEqualTo(5);
    assertThat(lagged).hasMessageContaining("'news'").hasMessageContaining("5");
    assertThat(drain(slow)).containsExactly(6, 7, 8);
  }

  @Test
  void exactlyAsManyAsTheCapacityAreNotTooMany() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(3);
    Receiver<Integer> receiver = broadcast.subscribe();
    send(broadcast, 1, 3);
    assertThat(drain(receiver)).containsExactly(1, 2, 3);
    send(broadcast, 4, 7);
    assertThat(missedBy(receiver)).isEqualTo(1);
    assertThat(drain(receiver)).containsExactly(5, 6, 7);
  }

  @Test
  void eachGapIsToldForItselfAndTheSumIsExact() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(2);
    Receiver<Integer> slow = broadcast.subscribe();
    send(broadcast, 1, 5);
    assertThat(missedBy(slow)).isEqualTo(3);
    broadcast.send(6); // takes away what the last answer promised
    assertThat(missedBy(slow)).isEqualTo(1);
    assertThat(slow.tryReceive()).isEqualTo(5);
    send(broadcast, 7, 9);
    assertThat(missedBy(slow)).isEqualTo(2);
    assertThat(drain(slow)).containsExactly(8, 9);
  }

  @Test
  void aSlowReceiverDoesNotSlowDownTheOthers() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(2);
    Receiver<Integer> slow = broadcast.subscribe();
    Receiver<Integer> fast = broadcast.subscribe();
    for (int i = 0; i < 100; i++) {
      broadcast.send(i);
      assertThat(fast.tryReceive()).isEqualTo(i);
    }
    assertThat(missedBy(slow)).isEqualTo(98);
  }

  @Test
  void anOperationThatIsTooSlowThrowsAndTheNextGoesOn() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(1);
    Receiver<Integer> slow = broadcast.subscribe();
    send(broadcast, 1, 2);

    assertThatExceptionOfType(LaggedException.class)
        .isThrownBy(() -> loop.runUntil(slow.receive()));
    assertThat(loop.runUntil(slow.receive()).value()).isEqualTo(2);
  }

  // ------------------------------------------------------------------ memory

  @Test
  void aValueIsHeldUntilTheLastReceiverThatNeedsItHasPassed() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(100);
    Receiver<Integer> a = broadcast.subscribe();
    Receiver<Integer> b = broadcast.subscribe();
    send(broadcast, 1, 10);
    assertThat(broadcast.retained()).isEqualTo(10);

    drain(a);
    assertThat(broadcast.retained()).isEqualTo(10);
    b.tryReceive();
    assertThat(broadcast.retained()).isEqualTo(9);
    b.close();
    assertThat(broadcast.retained()).isZero();
  }

  @Test
  void closingAReceiverFreesNothingThatOthersNeed() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(3);
    Receiver<Integer> lagging = broadcast.subscribe();
    Receiver<Integer> other = broadcast.subscribe();
    send(broadcast, 1, 5);
    Receiver<Integer> newcomer = broadcast.subscribe();

    lagging.close();
    lagging.close();
    newcomer.close();

    assertThat(broadcast.receivers()).isEqualTo(1);
    assertThat(broadcast.retained()).isEqualTo(3);
    assertThat(missedBy(other)).isEqualTo(2);
    assertThat(drain(other)).containsExactly(3, 4, 5);
    assertThat(broadcast.retained()).isZero();
  }

  @Test
  void aReceivedValueCanBeCollected() throws Exception {
    Broadcast<Object> broadcast = new Broadcast<>(16);
    Receiver<Object> receiver = broadcast.subscribe();
    broadcast.send(new Object());
    WeakReference<Object> value = new WeakReference<>(receiver.tryReceive());

    assertThat(Rig.collectGarbageUntil(() -> value.get() == null)).isTrue();
    assertThat(broadcast.receivers()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 9, 100, 1 << 30})
  void anyCapacityDoesAndRoomIsMadeAsItIsNeeded(int capacity) throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(capacity);
    Receiver<Integer> receiver = broadcast.subscribe();
    int n = Math.min(capacity, 1000);
    for (int round = 0; round < 3; round++) {
      send(broadcast, 1, n);
      assertThat(drain(receiver)).hasSize(n).isSorted().endsWith(n);
    }
  }

  /** Against the simplest thing that could possibly be right: a queue for each receiver. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void randomUseAgreesWithAModel(long seed) {
    Random random = new Random(seed);
    int capacity = 1 + random.nextInt(20);
    Broadcast<Integer> broadcast = new Broadcast<>(capacity);
    List<Receiver<Integer>> receivers = new ArrayList<>();
    List<Deque<Integer>> model = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      int what = random.nextInt(20);
      if (what == 0 && receivers.size() < 5) {
        receivers.add(broadcast.subscribe());
        model.add(new ArrayDeque<>());
      } else if (what == 1 && !receivers.isEmpty()) {
        int victim = random.nextInt(receivers.size());
        receivers.remove(victim).close();
        model.remove(victim);
      } else if (what < 10) {
        int value = i;
        assertThat(broadcast.send(value)).isEqualTo(receivers.size());
        model.forEach(queue -> queue.add(value));
      } else if (!receivers.isEmpty()) {
        int which = random.nextInt(receivers.size());
        receiveAsTheModel(receivers.get(which), model.get(which), capacity);
      }
      int needed =
          model.stream().mapToInt(queue -> Math.min(queue.size(), capacity)).max().orElse(0);
      assertThat(broadcast.retained()).as("seed %s, step %s", seed, i).isEqualTo(needed);
    }
  }

  private static void receiveAsTheModel(
      Receiver<Integer> receiver, Deque<Integer> queue, int capacity) {
    int missed = Math.max(0, queue.size() - capacity);
    for (int i = 0; i < missed; i++) {
      queue.remove();
    }
    try {
      assertThat(receiver.tryReceive()).isEqualTo(queue.poll());
      assertThat(missed).isZero();
    } catch (LaggedException e) {
      assertThat(e.missed()).isEqualTo(missed);
    }
  }

  // ------------------------------------------------------------------ the end

  @Test
  void receiversDrainWhatWasSentBeforeTheCloseAndThenEnd() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>("news", 4);
    Receiver<Integer> receiver = broadcast.subscribe();
    JoinHandle<Integer> waiting = loop.spawn("a", broadcast.subscribe().receive());
    loop.runUntilStalled();
    broadcast.send(1);
    loop.runUntilStalled();
    broadcast.close();
    broadcast.close();

    assertThat(loop.runUntil(waiting.join()).value()).isEqualTo(1);
    assertThat(receiver.isDrained()).isFalse();
    assertThat(receiver.tryReceive()).isEqualTo(1);
    assertThat(receiver.isDrained()).isTrue();
    for (int i = 0; i < 2; i++) {
      assertThat(receiver.tryReceive()).isNull();
      assertThat(receiver.blockingReceive()).isNull();
      assertThat(loop.runUntil(receiver.receive()).value()).isNull();
    }
    assertThat(broadcast.subscribe().isDrained()).isTrue();
    assertThatIllegalStateException()
        .isThrownBy(() -> broadcast.send(2))
        .withMessageContaining("'news'");
  }

  @Test
  void theCloseWakesThoseWhoWait() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(4);
    JoinHandle<Integer> waiting = loop.spawn("a", broadcast.subscribe().receive());
    loop.runUntilStalled();
    assertThat(waiting.isDone()).isFalse();

    broadcast.close();

    assertThat(loop.runUntil(waiting.join()).value()).isNull();
  }

  @Test
  void closingAReceiverEndsItsOwnOperationsAndNoOthers() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>("news", 4);
    Receiver<Integer> receiver = broadcast.subscribe();
    JoinHandle<Integer> other = loop.spawn("other", broadcast.subscribe().receive());
    JoinHandle<Integer> own = loop.spawn("own", receiver.receive());
    loop.runUntilStalled();

    receiver.close();
    loop.runUntilStalled();

    assertThat(other.isDone()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> loop.runUntil(own.join()))
        .withMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(receiver::tryReceive);
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void itSaysWhatIsWaitedFor() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>("news", 4);
    Receiver<Integer> receiver = broadcast.subscribe();
    loop.spawn("a", receiver.receive());
    loop.runUntilStalled();
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::name, TaskSnapshot::waitReason)
        .containsExactly(tuple("a", "a value of 'news'"));
    send(broadcast, 1, 2);
    assertThat(broadcast).hasToString("Broadcast['news', 1 receivers, 2 of 4 retained]");
    assertThat(receiver).hasToString("Receiver[of 'news', 2 behind]");
  }

  @Test
  void nonsenseIsRefusedAtTheCall() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Broadcast<>(0))
        .withMessageContaining("at least one");
    assertThatNullPointerException().isThrownBy(() -> new Broadcast<>(null, 1));
    assertThatNullPointerException().isThrownBy(() -> new Broadcast<>(1).send(null));
  }
}
