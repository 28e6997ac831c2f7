package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One waiter, no lost wake, no livelock. The races are in samples/stress. */
final class WakerSlotTest {
  private final BasicDispatcher dispatcher = new BasicDispatcher();
  private final WakerSlot slot = new WakerSlot();
  private final List<String> polls = new ArrayList<>();

  @AfterEach
  void close() {
    dispatcher.close();
  }

  /** Registers in each poll; never ready by itself. */
  private JoinHandle<Complete> waiter(String name) {
    return dispatcher.spawn(
        name,
        cx -> {
          polls.add(name);
          slot.register(cx, "an event");
          return Poll.pending();
        });
  }

  private void run() {
    assertThat(dispatcher.runUntilStalled(1_000)).isNotEqualTo(RunOutcome.STEP_LIMIT);
  }

  @Test
  void aWakePollsTheWaiterOnceAndEmptiesTheSlot() {
    waiter("a");
    run();
    assertThat(slot.isRegistered()).isTrue();

    slot.wake();
    assertThat(slot.isRegistered()).isFalse();
    slot.wake();
    run();
    assertThat(polls).containsExactly("a", "a");
  }

  @Test
  void aWakeOfAnEmptySlotIsNotRemembered() {
    slot.wake();
    waiter("a");
    run();
    assertThat(polls).containsExactly("a");
  }

  @Test
  void aClearedSlotWakesNobody() {
    waiter("a");
    run();
    slot.clear();
    assertThat(slot.isRegistered()).isFalse();
    slot.wake();
    run();
    assertThat(polls).containsExactly("a");
  }

  @Test
  void theSameTaskMayRegisterAgainAndAgain() {
    JoinHandle<Complete> handle =
        dispatcher.spawn(
            "a",
            cx -> {
              polls.add("a");
              slot.register(cx, "an event");
              slot.register(cx, "an event");
              if (polls.size() < 5) {
                cx.waker("itself").wake();
              }
              return Poll.pending();
            });
    run();
    assertThat(polls).hasSize(5);
    assertThat(handle.isDone()).isFalse();
    slot.wake();
    run();
    assertThat(polls).hasSize(6);
  }

  @Test
  void asksForTheWakerSoThatPendingIsAllowedAndSaysWhy() {
    waiter("a");
    run();
    assertThat(dispatcher.snapshot().tasks())
        .singleElement()
        .satisfies(task -> assertThat(task.waitReason()).isEqualTo("an event"));
  }

  @Test
  void aSecondTaskTakesThePlaceAndWakesTheFirst() {
    JoinHandle<Complete> first =
        dispatcher.spawn(
            "first",
            cx -> {
              polls.add("first");
              if (polls.contains("second")) {
                return Poll.ready(); // goes to wait somewhere else
              }
              slot.register(cx, "an event");
              return Poll.pending();
            });
    run();
    JoinHandle<Complete> second = waiter("second");
    run();

    assertThat(polls).containsExactly("first", "second", "first");
    assertThat(first.isDone()).isTrue();
    slot.wake();
    run();
    assertThat(polls).endsWith("first", "second");
    assertThat(second.isDone()).isFalse();
  }

  @Test
  void twoTasksThatEvictEachOtherFailByNameAndTheRightfulOneStays() {
    JoinHandle<Complete> first = waiter("first");
    JoinHandle<Complete> second = waiter("second");
    first.observe();
    run();

    assertThat(first.isDone()).isTrue();
    assertThatThrownBy(first::outcome)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'first'")
        .hasMessageContaining("'second'")
        .hasMessageContaining("'an event'");
    assertThat(second.isDone()).isFalse();
    assertThat(slot.isRegistered()).isTrue();

    slot.wake();
    run();
    assertThat(polls).containsExactly("first", "second", "first", "second");
  }

  /** Each comes back although nothing happened: a livelock, with two as with three. */
  @Test
  void threeTasksThatEvictEachOtherDoNotChaseEachOtherForEver() {
    List<JoinHandle<Complete>> handles = List.of(waiter("a"), waiter("b"), waiter("c"));
    handles.forEach(JoinHandle::observe);

    assertThat(dispatcher.runUntilStalled(10_000)).isNotEqualTo(RunOutcome.STEP_LIMIT);
    assertThat(handles).filteredOn(JoinHandle::isDone).isNotEmpty();
    assertThat(slot.isRegistered()).isTrue();
  }

  @Test
  void whoWasEvictedMayComeBackAfterAWake() {
    Waker[] first = new Waker[1];
    boolean[] registers = {true};
    JoinHandle<Complete> handle =
        dispatcher.spawn(
            "first",
            cx -> {
              polls.add("first");
              first[0] = cx.waker("its turn");
              if (registers[0]) {
                slot.register(cx, "an event");
              }
              registers[0] = false;
              return Poll.pending();
            });
    JoinHandle<Complete> second = waiter("second");
    run();
    assertThat(polls).containsExactly("first", "second", "first");
    slot.wake(); // the event: what was before is forgotten
    run();

    registers[0] = true;
    first[0].wake();
    assertThat(dispatcher.runUntilStalled(1)).isNotEqualTo(RunOutcome.IDLE);
    assertThat(handle.isDone()).isFalse();
    assertThat(second.isDone()).isFalse();
    assertThat(polls).containsExactly("first", "second", "first", "second", "first");
  }

  @Test
  void theEndedAreNotEvicted() {
    JoinHandle<Complete> first = waiter("first");
    run();
    first.cancel();
    run();
    waiter("second");
    JoinHandle<Complete> third =
        dispatcher.spawn(
            "third",
            cx -> {
              polls.add("third");
              return Poll.ready();
            });
    run();
    assertThat(third.isDone()).isTrue();
    assertThat(polls).containsExactly("first", "second", "third");
    slot.wake();
    run();
    assertThat(polls).endsWith("second");
  }

  @Test
  void keepsWhatIsNotAPostingToo() {
    int[] wakes = {0};
    dispatcher.spawn(
        "task",
        cx -> {
          slot.register(cx.withWaker(() -> wakes[0]++), "an event");
          return Poll.ready();
        });
    run();
    slot.wake();
    assertThat(wakes[0]).isEqualTo(1);
  }
}
