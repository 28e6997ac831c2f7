package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rings against an {@link ArrayDeque}, through growth and wrap. */
final class RunQueueTest {
  private final RunQueue queue = new RunQueue();
  private final ArrayDeque<Object> reference = new ArrayDeque<>();

  private static final class Owner extends BlockOwner {
    Owner() {
      super("block");
    }

    @Override
    protected void giveBack(Runnable block) {
      throw new AssertionError("nobody closes here");
    }
  }

  private final Owner first = new Owner();
  private final Owner second = new Owner();
  private int appended;

  /** By turns a task, a callback, and blocks of two adapters, as the number says. */
  private void append(int kind) {
    switch (kind & 3) {
      case 0 -> {
        int slot = appended++;
        queue.append(slot);
        reference.add(slot);
      }
      case 1 -> append((BlockOwner.@Nullable Tag) null);
      case 2 -> append(first.tag);
      default -> append(second.tag);
    }
  }

  private void append(BlockOwner.@Nullable Tag tag) {
    Runnable block = () -> {};
    queue.append(tag, block);
    reference.add(new Block(tag, block));
  }

  private record Block(BlockOwner.@Nullable Tag tag, Runnable block) {}

  private void checkNext() {
    Object expected = reference.poll();
    if (expected instanceof Block block) {
      assertThat(queue.peek()).isNegative();
      assertThat(queue.peekTag()).isSameAs(block.tag);
      assertThat(queue.peekBlock()).isSameAs(block.block);
    } else if (expected != null) {
      assertThat(queue.peek()).isEqualTo(expected);
    }
    int entry = queue.poll();
    if (expected == null) {
      assertThat(entry).isEqualTo(RunQueue.EMPTY);
    } else if (expected instanceof Block block) {
      assertThat(entry).isEqualTo(RunQueue.BLOCK);
      assertThat(queue.tag()).isSameAs(block.tag);
      assertThat(queue.takeBlock()).isSameAs(block.block);
    } else {
      assertThat(entry).isEqualTo(expected);
    }
  }

  private void checkSize() {
    assertThat(queue.size()).isEqualTo(reference.size());
    assertThat(queue.isEmpty()).isEqualTo(reference.isEmpty());
  }

  @Test
  void isEmptyAtFirst() {
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.size()).isZero();
    assertThat(queue.poll()).isEqualTo(RunQueue.EMPTY);
  }

  @Test
  void knowsWhoseABlockIsAlsoWhenItFollowsOneOfTheSame() {
    append(first.tag);
    append(first.tag);
    append(second.tag);
    append((BlockOwner.@Nullable Tag) null);
    append((BlockOwner.@Nullable Tag) null);
    append(0);
    append(first.tag);

    while (!reference.isEmpty()) {
      checkNext();
    }
    assertThat(queue.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 63, 64, 65})
  void growsWhereverTheRingBegins(int offset) {
    for (int i = 0; i < offset; i++) {
      append(i);
      checkNext();
    }
    for (int i = 0; i < 1_000; i++) {
      append(i);
    }
    checkSize();
    while (!reference.isEmpty()) {
      checkNext();
    }
    checkSize();
  }

  @Test
  void behavesLikeAnArrayDeque() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      for (int i = 0; i < 2_000; i++) {
        if (random.nextInt(100) < 48 + seed % 5) {
          append(random.nextInt());
        } else {
          checkNext();
        }
      }
      checkSize();
    }
  }

  @Test
  void goesOnWhenItsCountersOverflow() throws Exception {
    int start = Integer.MAX_VALUE - 100;
    counter("head").set(queue, start);
    counter("tail").set(queue, start);

    for (int i = 0; i < 30; i++) {
      append(i);
    }
    for (int i = 0; i < 500; i++) { // past the overflow, and through growth behind it
      append(i);
      if (i % 3 == 0) {
        checkNext();
      }
      checkSize();
    }
    while (!reference.isEmpty()) {
      checkNext();
    }
    assertThat(queue.poll()).isEqualTo(RunQueue.EMPTY);
  }

  /** By a callback that uses up the stack: the ring has no room, and there is none to make it. */
  @ParameterizedTest
  @ValueSource(ints = {62, 63, 64})
  void anAppendThatFailsHalfwayIsNotThereInPart(int queued) throws InterruptedException {
    Runnable block = () -> {};
    RunQueue[] full = new RunQueue[200];
    for (int i = 0; i < full.length; i++) {
      full[i] = new RunQueue();
      for (int slot = 0; slot < queued; slot++) {
        full[i].append(slot);
      }
    }
    Deep deep = new Deep(full, first.tag, block);
    Thread thread = new Thread(null, deep, "deep", 200_000);
    thread.start();
    thread.join();

    assertThat(deep.next).isEqualTo(full.length);
    for (int i = 0; i < full.length; i++) {
      RunQueue q = full[i];
      q.append(queued);
      for (int slot = 0; slot < queued; slot++) {
        assertThat(q.poll()).isEqualTo(slot);
      }
      if (deep.appended[i]) {
        assertThat(q.poll()).isEqualTo(RunQueue.BLOCK);
        assertThat(q.tag()).isSameAs(first.tag);
        assertThat(q.takeBlock()).isSameAs(block);
      }
      assertThat(q.size()).isEqualTo(1);
      assertThat(q.poll()).isEqualTo(queued);
      assertThat(q.poll()).isEqualTo(RunQueue.EMPTY);
    }
  }

  /** Appends to one queue in each of the last frames of a stack, beginning with the deepest. */
  private static final class Deep implements Runnable {
    private final RunQueue[] queues;
    private final BlockOwner.Tag tag;
    private final Runnable block;
    final boolean[] appended;
    int next;

    Deep(RunQueue[] queues, BlockOwner.Tag tag, Runnable block) {
      this.queues = queues;
      this.tag = tag;
      this.block = block;
      this.appended = new boolean[queues.length];
    }

    @Override
    public void run() {
      try {
        if (next == 0) {
          run();
        }
      } catch (StackOverflowError e) {
        // here it begins, and goes on while there is too little left
      }
      if (next < queues.length) {
        int i = next++;
        queues[i].append(tag, block);
        appended[i] = true;
      }
    }
  }

  @Test
  void keepsNothingThatWasTaken() throws Exception {
    for (int i = 0; i < 200; i++) {
      append(i);
    }
    while (!reference.isEmpty()) {
      checkNext();
    }
    VarHandle blocks =
        MethodHandles.privateLookupIn(RunQueue.class, MethodHandles.lookup())
            .findVarHandle(RunQueue.class, "blocks", Object[].class);
    assertThat(Arrays.asList((Object[]) blocks.get(queue))).containsOnlyNulls();
  }

  // ------------------------------------------------------------------ the room of a crowd

  private static final long SECOND = 1_000_000_000;
  private static final int CROWD = 20_000;

  /** Comes at once, and goes: tasks, or also blocks. */
  private void crowd(boolean blocks) {
    for (int i = 0; i < CROWD; i++) {
      append(blocks ? i : 0);
    }
    takeAll();
  }

  private void takeAll() {
    while (!reference.isEmpty()) {
      checkNext();
    }
    checkSize();
  }

  private int[] ring() throws ReflectiveOperationException {
    return ring(queue);
  }

  private static int[] ring(RunQueue queue) throws ReflectiveOperationException {
    return (int[])
        MethodHandles.privateLookupIn(RunQueue.class, MethodHandles.lookup())
            .findVarHandle(RunQueue.class, "ring", int[].class)
            .get(queue);
  }

  private Object[] blocks() throws ReflectiveOperationException {
    return (Object[])
        MethodHandles.privateLookupIn(RunQueue.class, MethodHandles.lookup())
            .findVarHandle(RunQueue.class, "blocks", Object[].class)
            .get(queue);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE})
  void aCrowdThatIsGoneLeavesNoRoomBehindWhateverTheClockSays(long now) throws Exception {
    crowd(true);
    assertThat(ring()).hasSizeGreaterThanOrEqualTo(CROWD);
    assertThat(blocks()).hasSizeGreaterThanOrEqualTo(CROWD);

    queue.letGo(now);

    assertThat(ring()).hasSize(4_096);
    assertThat(blocks()).hasSize(4_096);
  }

  @Test
  void aLoopGivesTheRoomOfACrowdBackWhenItHasNothingToDo() throws Exception {
    int[] runs = {0, 0};
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      RunQueue ofLoop = dispatcher.loop.queue;
      for (int i = 0; i < CROWD; i++) {
        dispatcher.post(() -> runs[0]++);
      }
      dispatcher.post(() -> runs[1] = ofLoop.size());
      dispatcher.runPending(1);
      assertThat(ring(ofLoop)).hasSizeGreaterThanOrEqualTo(CROWD);

      dispatcher.runUntilStalled();

      assertThat(runs).containsExactly(CROWD, 0);
      assertThat(ring(ofLoop)).hasSize(4_096);
    }
  }

  @Test
  void aCrowdOfTasksNeedsNoRoomForBlocks() throws Exception {
    crowd(false);
    assertThat(blocks()).hasSize(64);

    queue.letGo(0);

    assertThat(ring()).hasSize(4_096);
    assertThat(blocks()).hasSize(64);
    append(first.tag);
    takeAll();
  }

  @Test
  void theRoomOfFewIsKept() throws Exception {
    for (int i = 0; i < 4_096; i++) {
      append(0);
    }
    takeAll();
    int[] ring = ring();
    for (int second = 0; second < 100; second++) {
      queue.letGo(second * SECOND);
      assertThat(ring()).isSameAs(ring);
    }
  }

  @Test
  void aCrowdThatComesEachSecondGrowsTwiceAndGivesBackWhenItComesNoMore() throws Exception {
    crowd(true);
    queue.letGo(0);
    crowd(true);
    int[] ring = ring();
    long second = 1;
    for (; second < 100; second++) {
      queue.letGo(second * SECOND);
      append(1); // and few in between
      takeAll();
      queue.letGo(second * SECOND + 1);
      assertThat(ring()).isSameAs(ring);
      crowd(true);
    }
    queue.letGo(second * SECOND);
    for (int i = 1; i < 10; i++) {
      append(1);
      takeAll();
      queue.letGo((second + i) * SECOND);
      assertThat(ring()).isSameAs(ring);
    }

    queue.letGo((second + 10) * SECOND);

    assertThat(ring()).hasSize(4_096);
  }

  @Test
  void aCrowdThatComesEachMinuteIsForgottenEachTime() throws Exception {
    for (long minute = 0; minute < 5; minute++) {
      crowd(true);
      queue.letGo(60 * minute * SECOND);
      assertThat(ring()).hasSize(4_096);
    }
  }

  @Test
  void behavesLikeAnArrayDequeAlsoWhereItsRoomComesAndGoes() {
    long now = 0;
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      for (int burst = 0; burst < 10; burst++) {
        int many = random.nextInt(1 << random.nextInt(16));
        for (int i = 0; i < many; i++) {
          append(random.nextInt());
          if (random.nextInt(4) == 0) {
            checkNext();
          }
        }
        takeAll();
        now += random.nextInt(3) * 5 * SECOND;
        queue.letGo(now);
      }
    }
  }

  private static VarHandle counter(String field) throws ReflectiveOperationException {
    return MethodHandles.privateLookupIn(RunQueue.class, MethodHandles.lookup())
        .findVarHandle(RunQueue.class, field, int.class);
  }
}
