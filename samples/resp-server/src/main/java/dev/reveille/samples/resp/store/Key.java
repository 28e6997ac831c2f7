package dev.reveille.samples.resp.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of an entry: any bytes. Comparable, so that a {@link java.util.HashMap} stays fast when
 * someone picks keys with equal hashes.
 */
public final class Key implements Comparable<Key> {
  private final byte[] bytes;
  private final int hash;

  private Key(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /** The key of these bytes, which must not change afterwards. */
  public static Key of(byte[] bytes) {
    return new Key(bytes);
  }

  /** The key of {@code text} in UTF-8. */
  public static Key of(String text) {
    return new Key(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The bytes themselves; not to be written to. */
  public byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Key key && hash == key.hash && Arrays.equals(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public int compareTo(Key other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
