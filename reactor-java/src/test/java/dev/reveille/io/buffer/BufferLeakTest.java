package dev.reveille.io.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.HandPolled;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Leases that are dropped, and memory that goes back. */
final class BufferLeakTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<Throwable> leaks = new ArrayList<>();
  private final BufferPool pool =
      new BufferPool(
          loop, BufferPoolOptions.of(64, 1).withName("leaky").withLeakHandler(leaks::add));
  private final HandPolled task = new HandPolled(loop, "task");

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** The collector is asked until it has done what the test waits for. */
  private static void collectUntil(BooleanSupplier done) {
    Rig.awaitState(
        "garbage is collected",
        () -> {
          System.gc();
          return done.getAsBoolean();
        });
  }

  private ByteBuffer dropALease() throws Exception {
    return borrow().buffer();
  }

  @Test
  void aLeaseThatBecameGarbageIsReportedOnceWithTheStackOfItsAcquisition() throws Exception {
    dropALease();

    collectUntil(() -> leaksSeen() == 1);

    assertThat(leaks).hasSize(1);
    assertThat(leaks.get(0)).hasMessageContaining("'leaky'");
    assertThat(leaks.get(0).getStackTrace())
        .anyMatch(frame -> frame.getMethodName().contains("dropALease"));
    System.gc();
    assertThat(leaksSeen()).isEqualTo(1);
    assertThat(leaks).hasSize(1);
  }

  @Test
  void itsPlaceIsFreeAgainButItsBufferIsNotGivenToAnybody() throws Exception {
    ByteBuffer kept = dropALease();

    collectUntil(() -> leaksSeen() == 1);

    BufferLease next = borrow();
    assertThat(next).isNotNull();
    assertThat(next.buffer()).isNotSameAs(kept);
    assertThat(borrow()).isNull();
    assertThat(pool.stats()).isEqualTo(new BufferPoolStats(1, 0, 1, 0, 1));
  }

  @Test
  void aLeaseThatWasClosedIsNoLeakOnWhateverThread() throws Exception {
    for (int i = 0; i < 50; i++) {
      BufferLease lease = borrow();
      if (i % 2 == 0) {
        rig.elsewhere(lease::close);
      } else {
        task.call(
            cx -> {
              lease.close();
              return true;
            });
      }
    }
    for (int i = 0; i < 5; i++) {
      System.gc();
    }
    assertThat(leaksSeen()).isZero();
    assertThat(leaks).isEmpty();
  }

  @Test
  void aWriteAfterTheBufferWasGivenBackIsReportedWithTheAcquisition() throws Exception {
    for (boolean elsewhere : new boolean[] {false, true}) {
      leaks.clear();
      BufferLease lease = borrow();
      ByteBuffer kept = lease.buffer();
      if (elsewhere) {
        rig.elsewhere(lease::close);
        assertThat(leaksSeen()).as("and the loop takes it").isZero();
      } else {
        task.call(
            cx -> {
              lease.close();
              return true;
            });
      }
      kept.put(60, (byte) 1);
      BufferLease next = borrow();
      assertThat(leaks).hasSize(1);
      assertThat(leaks.get(0)).hasMessageContaining("'leaky'").hasMessageContaining("written to");
      assertThat(leaks.get(0).getCause().getStackTrace())
          .anyMatch(frame -> frame.getMethodName().contains("borrow"));
      rig.elsewhere(next::close);
      leaks.clear();
      rig.elsewhere(borrow()::close);
      assertThat(leaks).isEmpty();
    }
  }

  @Test
  void closingReportsWhatIsKnownByThen() throws Exception {
    dropALease();

    collectUntil(
        () -> {
          pool.close();
          return !leaks.isEmpty();
        });

    assertThat(leaks).hasSize(1);
  }

  @Test
  void aHandlerThatFailsDoesNotFailTheBorrower() throws Exception {
    BufferPool strict =
        new BufferPool(
            loop,
            BufferPoolOptions.of(64, 1)
                .withLeakHandler(
                    leak -> {
                      throw new IllegalStateException("handler");
                    }));
    assertThat(task.call(cx -> strict.tryAcquire()).isHeld()).isTrue();
    collectUntil(
        () -> {
          try {
            return task.call(cx -> strict.tryAcquire()) != null;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    assertThat(strict.stats().leaks()).isGreaterThanOrEqualTo(1);
  }

  @Test
  void directMemoryReturnsToTheStartValue() throws Exception {
    BufferPoolMXBean direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(bean -> bean.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
    collectUntil(() -> true);
    int size = 1 << 20;
    long before = direct.getMemoryUsed();
    BufferPool large = new BufferPool(loop, BufferPoolOptions.of(size, 8));
    List<BufferLease> leases = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      leases.add(task.call(cx -> large.tryAcquire()));
    }
    assertThat(direct.getMemoryUsed()).isGreaterThanOrEqualTo(before + 8L * size);
    for (BufferLease lease : leases) {
      rig.elsewhere(lease::close);
    }
    task.call(
        cx -> {
          large.close();
          return true;
        });
    collectUntil(() -> direct.getMemoryUsed() <= before);
    assertThat(large.stats()).isEqualTo(new BufferPoolStats(0, 0, 8, 0, 0));
  }

  private int leaksSeen() {
    try {
      return task.call(cx -> pool.stats()).leaks();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private BufferLease borrow() throws Exception {
    return task.call(cx -> pool.tryAcquire());
  }
}
