package dev.reveille.io.buffer;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A number that one loop changes and any thread may read, as for a gauge. */
final class LoopCounter {
  private static final VarHandle VALUE =
      fieldVarHandle(
          MethodHandles.lookup(), "value", VarHandle.class, LoopCounter.class, int.class);

  /**
   * Plain for the loop, whose own writes it reads. setOpaque by the loop pairs with getOpaque of
   * others: they see some recent value, and order nothing by it.
   */
  private int value;

  int get() {
    return value;
  }

  int add(int n) {
    int sum = value + n;
    VALUE.setOpaque(this, sum);
    return sum;
  }

  void raiseTo(int n) {
    if (n > value) {
      VALUE.setOpaque(this, n);
    }
  }

  int fromAnyThread() {
    return (int) VALUE.getOpaque(this);
  }
}
