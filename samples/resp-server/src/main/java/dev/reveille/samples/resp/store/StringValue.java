package dev.reveille.samples.resp.store;

import java.util.Arrays;

/**
 * A string of bytes that can grow at its end.
 *
 * <p>Bytes once written never change: {@link #append} writes behind them or into a new array. So
 * {@link #array()} with the length of the moment can be sent later without a copy.
 */
public final class StringValue implements Value {
  private byte[] array;
  private int length;

  /** A string of these bytes, which must not change afterwards. */
  public StringValue(byte[] bytes) {
    array = bytes;
    length = bytes.length;
  }

  /** The array whose first {@link #length()} bytes are the string. */
  public byte[] array() {
    return array;
  }

  /** How many bytes the string has. */
  public int length() {
    return length;
  }

  /** The string in an array of its length; a copy only where needed. Not to be written to. */
  public byte[] bytes() {
    return length == array.length ? array : Arrays.copyOf(array, length);
  }

  /**
   * Adds {@code tail} at the end.
   *
   * @throws ArithmeticException if the string would be longer than an array can be
   */
  public void append(byte[] tail) {
    int longer = Math.addExact(length, tail.length);
    if (longer > array.length) {
      array = Arrays.copyOf(array, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * longer));
    }
    System.arraycopy(tail, 0, array, length, tail.length);
    length = longer;
  }

  @Override
  public String typeName() {
    return "string";
  }
}
