package dev.reveille.samples.resp.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of an entry: any bytes. Comparable, so that a {@link java.util.HashMap} stays fast when
 * someone picks keys with equal hashes.
 */
public sealed class Key implements Comparable<Key> permits Entry {
  private final byte[] bytes;
  private final int hash;

  private Key(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /** The same key once more. */
  Key(Key key) {
    bytes = key.bytes;
    hash = key.hash;
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
  public final byte[] bytes() {
    return bytes;
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof Key key && hash == key.hash && Arrays.equals(bytes, key.bytes);
  }

  @Override
  public final int hashCode() {
    return hash;
  }

  @Override
  public final int compareTo(Key other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public final String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
