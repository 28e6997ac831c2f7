package dev.reveille.samples.resp.command;

import java.util.concurrent.TimeUnit;

/** The ways in which a command says when a key ends. */
enum ExpireTime {
  EX(TimeUnit.SECONDS, true),
  PX(TimeUnit.MILLISECONDS, true),
  EXAT(TimeUnit.SECONDS, false),
  PXAT(TimeUnit.MILLISECONDS, false);

  private final TimeUnit unit;
  private final boolean relative;

  ExpireTime(TimeUnit unit, boolean relative) {
    this.unit = unit;
    this.relative = relative;
  }

  /**
   * The deadline that the argument at {@code index} means, in milliseconds of the wall. It may lie
   * in the past.
   *
   * @throws CommandError if it is no integer, or milliseconds of a {@code long} cannot express it
   */
  long deadline(Call call, int index) throws CommandError {
    long time = call.integer(index);
    try {
      long millis = unit == TimeUnit.SECONDS ? Math.multiplyExact(time, 1000L) : time;
      return relative ? Math.addExact(millis, call.keyspace().now()) : millis;
    } catch (ArithmeticException tooFar) {
      throw CommandError.invalidExpireTime(call.command().name());
    }
  }
}
