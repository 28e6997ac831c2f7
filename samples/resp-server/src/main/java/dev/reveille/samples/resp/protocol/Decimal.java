package dev.reveille.samples.resp.protocol;

import java.util.OptionalLong;

/**
 * A decimal 64-bit integer read byte by byte, as strictly as Redis' {@code string2ll}: no blanks,
 * no plus sign, no leading zeros, no {@code -0}, and nothing that a {@code long} cannot hold.
 */
public final class Decimal {
  /** So many digits fit an {@code int}. */
  static final int SHORT_DIGITS = 9;

  private boolean negative;
  private boolean malformed;
  private int digits;

  /** Kept negative, because the negative range is the larger one. */
  private long negated;

  Decimal() {}

  /** The number that {@code text} spells, or empty if it spells none. */
  public static OptionalLong parse(byte[] text) {
    Decimal decimal = new Decimal();
    for (byte b : text) {
      decimal.accept(b);
    }
    return decimal.isValid() ? OptionalLong.of(decimal.value()) : OptionalLong.empty();
  }

  void reset() {
    negative = false;
    malformed = false;
    digits = 0;
    negated = 0;
  }

  /** As if the digits of a number that is not negative had been accepted. */
  void set(int value) {
    negative = false;
    malformed = false;
    digits = 1;
    negated = -value;
  }

  void accept(byte b) {
    if (b == '-' && digits == 0 && !negative) {
      negative = true;
      return;
    }
    int digit = b - '0';
    boolean leadingZero = digits > 0 && negated == 0;
    if (digit < 0 || digit > 9 || leadingZero) {
      malformed = true;
      return;
    }
    digits++;
    if (negated < Long.MIN_VALUE / 10 || negated * 10 < Long.MIN_VALUE + digit) {
      malformed = true;
      return;
    }
    negated = negated * 10 - digit;
  }

  boolean isValid() {
    if (malformed || digits == 0) {
      return false;
    }
    return negative ? negated != 0 : negated != Long.MIN_VALUE;
  }

  long value() {
    return negative ? negated : -negated;
  }
}
