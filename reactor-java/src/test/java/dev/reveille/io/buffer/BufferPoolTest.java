package dev.reveille.io.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.HandPolled;
import dev.reveille.sync.ClosedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BufferPoolTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final BufferPool pool = new BufferPool(loop, BufferPoolOptions.of(64, 2));
  private final HandPolled first = new HandPolled(loop, "first");
  private final HandPolled second = new HandPolled(loop, "second");
  private final HandPolled third = new HandPolled(loop, "third");

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void itNeverHasMoreBuffersThanItsMaximum() throws Exception {
    Set<ByteBuffer> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int round = 0; round < 100; round++) {
      List<BufferLease> leases = new ArrayList<>();
      for (BufferLease lease = borrow(); lease != null; lease = borrow()) {
        assertThat(lease.buffer().isDirect()).isTrue();
        seen.add(lease.buffer());
        leases.add(lease);
      }
      assertThat(leases).hasSize(2);
      assertThat(pool.stats()).isEqualTo(new BufferPoolStats(2, 0, 2, 0, 0));
      for (BufferLease lease : leases) {
        first.call(cx -> closed(lease));
      }
    }
    assertThat(seen).hasSize(2);
    assertThat(pool.stats()).isEqualTo(new BufferPoolStats(0, 2, 2, 0, 0));
  }

  @Test
  void aBufferComesClearedAndBigEndianWhateverItsLastBorrowerDidToIt() throws Exception {
    BufferLease lease = borrow();
    lease.buffer().order(ByteOrder.LITTLE_ENDIAN).position(3).limit(9);
    first.call(cx -> closed(lease));

    ByteBuffer again = borrow().buffer();

    assertThat(again.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    assertThat(again.position()).isZero();
    assertThat(again.remaining()).isEqualTo(64);
  }

  @Test
  void aLeaseThatWasGivenBackHasNoBufferAndCanBeAcquiredAgain() throws Exception {
    BufferLease lease = pool.lease();
    assertThatThrownBy(lease::buffer)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'buffers'");
    assertThat(acquired(lease)).isTrue();
    assertThat(acquired(lease)).as("held is held").isTrue();
    assertThat(first.call(cx -> lease.pollAcquire(cx)).isReady()).isTrue();
    first.call(cx -> closed(lease));
    assertThat(lease.isHeld()).isFalse();
    assertThatThrownBy(lease::buffer).isInstanceOf(IllegalStateException.class);
    assertThat(first.call(cx -> lease.pollAcquire(cx)).isReady()).isTrue();
    assertThat(lease.isHeld()).isTrue();
  }

  @Test
  void aBufferIsGivenBackOnceHoweverOftenItsLeaseIsClosed() throws Exception {
    BufferLease lease = borrow();
    first.call(cx -> closed(lease));
    first.call(cx -> closed(lease));
    lease.close();

    ByteBuffer a = borrow().buffer();
    ByteBuffer b = borrow().buffer();

    assertThat(a).isNotSameAs(b);
    assertThat(borrow()).isNull();
  }

  @Test
  void buffersGoToThoseWhoWaitInTheOrderOfTheirComing() throws Exception {
    BufferLease a = borrow();
    BufferLease b = borrow();
    BufferLease c = pool.lease();
    BufferLease d = pool.lease();
    assertThat(second.call(c::pollAcquire).isPending()).isTrue();
    assertThat(third.call(d::pollAcquire).isPending()).isTrue();
    assertThat(second.call(c::pollAcquire).isPending()).as("no second place").isTrue();

    first.call(cx -> closed(a));
    assertThat(second.takeWakes()).isEqualTo(1);
    assertThat(third.takeWakes()).isZero();
    assertThat(c.isHeld()).isTrue();
    assertThat(borrow()).as("no barging").isNull();
    first.call(cx -> closed(b));
    assertThat(third.takeWakes()).isEqualTo(1);
    assertThat(third.call(d::pollAcquire).isReady()).isTrue();
  }

  @Test
  void aWaiterThatGivesUpAfterItsGrantPassesTheBufferOn() throws Exception {
    BufferLease a = borrow();
    BufferLease b = borrow();
    Pollable<BufferLease> c = pool.acquire();
    Pollable<BufferLease> d = pool.acquire();
    assertThat(second.call(c::poll).isPending()).isTrue();
    assertThat(third.call(d::poll).isPending()).isTrue();

    first.call(
        cx -> {
          a.close(); // granted to c
          c.cancel();
          c.cancel();
          return true;
        });

    assertThat(third.takeWakes()).isEqualTo(1);
    assertThat(third.call(d::poll).value().isHeld()).isTrue();
    first.call(cx -> closed(b));
    assertThat(pool.stats().inUse()).isEqualTo(1);
  }

  @Test
  void aWaiterThatGivesUpBeforeItsGrantIsPassedOver() throws Exception {
    BufferLease a = borrow();
    borrow();
    BufferLease c = pool.lease();
    BufferLease d = pool.lease();
    second.call(c::pollAcquire);
    third.call(d::pollAcquire);
    assertThatThrownBy(() -> rig.elsewhere(c::close))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'elsewhere'");
    second.call(cx -> closed(c));

    first.call(cx -> closed(a));

    assertThat(second.takeWakes()).isZero();
    assertThat(third.takeWakes()).isEqualTo(1);
    assertThat(d.isHeld()).isTrue();
  }

  @Test
  void aBufferThatIsGivenBackElsewhereReachesTheOneWhoWaits() throws Exception {
    BufferLease a = borrow();
    BufferLease b = borrow();
    BufferLease c = pool.lease();
    BufferLease d = pool.lease();
    second.call(c::pollAcquire);
    third.call(d::pollAcquire);

    rig.elsewhere(a::close);
    rig.elsewhere(b::close);
    rig.elsewhere(b::close);

    assertThat(second.takeWakes()).isEqualTo(1);
    assertThat(second.call(c::pollAcquire).isReady()).isTrue();
    assertThat(third.takeWakes()).as("served by the first one's poll").isEqualTo(1);
    assertThat(third.call(d::pollAcquire).isReady()).isTrue();
    assertThat(pool.stats().inUse()).isEqualTo(2);
  }

  @Test
  void aWaiterThatGivesUpAfterAWakeFromElsewhereLeavesTheBufferToTheNext() throws Exception {
    BufferLease a = borrow();
    borrow();
    BufferLease c = pool.lease();
    BufferLease d = pool.lease();
    second.call(c::pollAcquire);
    third.call(d::pollAcquire);

    rig.elsewhere(a::close);
    second.call(cx -> closed(c));

    assertThat(third.takeWakes()).isEqualTo(1);
    assertThat(third.call(d::pollAcquire).isReady()).isTrue();
  }

  @Test
  void whoCannotWaitGetsABufferOfTheHeapWhenAllAreInUse() throws Exception {
    borrow();
    borrow();

    BufferLease extra = first.call(cx -> pool.acquireOrAllocate());

    assertThat(extra.buffer().capacity()).isEqualTo(64);
    assertThat(extra.buffer().isDirect()).isFalse();
    assertThat(pool.stats()).isEqualTo(new BufferPoolStats(2, 0, 2, 1, 0));
    rig.elsewhere(extra::close);
    assertThat(borrow()).as("it was not of the pool").isNull();
  }

  @Test
  void closingWakesAllWhoWaitAndTheyAreRefused() throws Exception {
    BufferLease a = borrow();
    borrow();
    BufferLease c = pool.lease();
    Pollable<BufferLease> d = pool.acquire();
    second.call(c::pollAcquire);
    third.call(d::poll);

    rig.elsewhere(pool::close);
    pool.close();

    assertThat(second.takeWakes()).isEqualTo(1);
    assertThatThrownBy(() -> second.call(c::pollAcquire))
        .isInstanceOf(ClosedException.class)
        .hasMessageContaining("'buffers'");
    assertThat(third.takeWakes()).isEqualTo(1);
    assertThatThrownBy(() -> third.call(d::poll)).isInstanceOf(ClosedException.class);
    assertThatThrownBy(this::borrow).isInstanceOf(ClosedException.class);
    a.buffer().put((byte) 1); // those in use may be used on
    first.call(cx -> closed(a));
    assertThat(pool.stats().idle()).isZero();
    assertThat(pool.stats().inUse()).isEqualTo(1);
  }

  @Test
  void aPoolOfAClosedDispatcherCanBeClosedAndGivenTo() throws Exception {
    BufferLease a = borrow();
    loop.close();
    a.close();
    pool.close();
    a.close();
    assertThat(pool.isClosed()).isTrue();
    assertThat(pool.toString()).contains("closed");
  }

  @Test
  void whatIsGivenBackElsewhereAfterTheCloseIsLetGoOf() throws Exception {
    BufferLease a = borrow();
    BufferLease b = borrow();
    rig.elsewhere(a::close);
    rig.elsewhere(pool::close);
    rig.elsewhere(b::close);
    loop.runUntilStalled();
    assertThat(pool.stats()).isEqualTo(new BufferPoolStats(0, 0, 2, 0, 0));
  }

  @Test
  void acquiringOffTheLoopIsRefusedByName() {
    assertThatThrownBy(pool::tryAcquire)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'loop'")
        .hasMessageContaining(Thread.currentThread().getName());
  }

  @Test
  void badNumbersAreRefused() {
    assertThatThrownBy(() -> BufferPoolOptions.of(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bufferSize");
    assertThatThrownBy(() -> BufferPoolOptions.of(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maximum");
  }

  /** What is granted while the budget is spent stays with the lease. */
  @Test
  void aTaskThatBorrowsForEverGivesWay() {
    int[] borrowed = {0};
    int[] polls = {0};
    BufferLease lease = pool.lease();
    loop.spawn(
        "greedy",
        cx -> {
          polls[0]++;
          while (borrowed[0] < 1000) {
            if (lease.pollAcquire(cx).isPending()) {
              return dev.reveille.Poll.pending();
            }
            borrowed[0]++;
            lease.close();
          }
          return dev.reveille.Poll.ready();
        });
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(borrowed[0]).isEqualTo(1000);
    assertThat(polls[0]).isGreaterThanOrEqualTo(1000 / 128);
  }

  private static boolean closed(BufferLease lease) {
    lease.close();
    return true;
  }

  private BufferLease borrow() throws Exception {
    return first.call(cx -> pool.tryAcquire());
  }

  private boolean acquired(BufferLease lease) throws Exception {
    return first.call(cx -> lease.tryAcquire());
  }
}
