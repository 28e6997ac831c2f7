package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring against an {@link ArrayDeque}, through growth and wrap. */
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

  private void append(Object entry) {
    queue.append(entry);
    reference.add(entry);
  }

  private void checkNext() {
    assertThat(queue.poll()).isSameAs(reference.poll());
  }

  private void checkAll() {
    assertThat(queue.size()).isEqualTo(reference.size());
    assertThat(queue.isEmpty()).isEqualTo(reference.isEmpty());
    assertThat(queue.toArray()).containsExactly(reference.toArray());
  }

  @Test
  void isEmptyAtFirst() {
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.size()).isZero();
    assertThat(queue.poll()).isNull();
    assertThat(queue.toArray()).isEmpty();
  }

  @Test
  void aTagStandsBeforeItsBlock() {
    Owner owner = new Owner();
    Runnable block = () -> {};
    queue.append(owner.tag, block);

    assertThat(queue.size()).isEqualTo(2);
    assertThat(queue.poll()).isSameAs(owner.tag);
    assertThat(queue.poll()).isSameAs(block);
    assertThat(queue.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 63, 64, 65})
  void growsWhereverTheRingBegins(int offset) {
    for (int i = 0; i < offset; i++) {
      append("before " + i);
      checkNext();
    }
    for (int i = 0; i < 1_000; i++) {
      append(i);
    }
    checkAll();
    while (!reference.isEmpty()) {
      checkNext();
    }
    checkAll();
  }

  @Test
  void behavesLikeAnArrayDeque() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      for (int i = 0; i < 2_000; i++) {
        if (random.nextInt(100) < 48 + seed % 5) {
          append(seed + "/" + i);
        } else {
          checkNext();
        }
      }
      checkAll();
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
      append("more " + i);
      if (i % 3 == 0) {
        checkNext();
      }
      checkAll();
    }
    while (!reference.isEmpty()) {
      checkNext();
    }
    assertThat(queue.poll()).isNull();
  }

  @Test
  void keepsNothingThatWasTaken() throws Exception {
    for (int i = 0; i < 200; i++) {
      append(i);
    }
    while (!reference.isEmpty()) {
      checkNext();
    }
    VarHandle ring =
        MethodHandles.privateLookupIn(RunQueue.class, MethodHandles.lookup())
            .findVarHandle(RunQueue.class, "ring", Object[].class);
    assertThat(Arrays.asList((Object[]) ring.get(queue))).containsOnlyNulls();
  }

  private static VarHandle counter(String field) throws ReflectiveOperationException {
    return MethodHandles.privateLookupIn(RunQueue.class, MethodHandles.lookup())
        .findVarHandle(RunQueue.class, field, int.class);
  }
}
