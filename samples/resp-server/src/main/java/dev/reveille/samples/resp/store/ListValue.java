package dev.reveille.samples.resp.store;

import org.jspecify.annotations.Nullable;

/**
 * A list of byte strings in a ring: constant time at both ends and for an index. (An {@link
 * java.util.ArrayDeque} would do but for the index, which LRANGE needs.)
 */
public final class ListValue implements Value {
  private static final int SMALLEST = 8;

  /** A power of two long; null where no element is. */
  private byte[] @Nullable [] ring = new byte[SMALLEST][];

  private int head;
  private int size;

  /** How many elements there are. */
  public int size() {
    return size;
  }

  /** The element at {@code index} from the head; not to be written to. */
  public byte[] get(int index) {
    byte[] element = index >= 0 && index < size ? ring[slot(index)] : null;
    if (element == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return element;
  }

  /** Adds an element, which must not change afterwards, at {@code end}. */
  public void push(ListEnd end, byte[] element) {
    if (size == ring.length) {
      resize(2 * size);
    }
    if (end == ListEnd.LEFT) {
      head = slot(-1);
      ring[head] = element;
    } else {
      ring[slot(size)] = element;
    }
    size++;
  }

  /** Removes and returns the element at {@code end}. There must be one. */
  public byte[] pop(ListEnd end) {
    int index = end == ListEnd.LEFT ? 0 : size - 1;
    byte[] element = get(index);
    ring[slot(index)] = null;
    if (end == ListEnd.LEFT) {
      head = slot(1);
    }
    size--;
    if (ring.length > SMALLEST && size < ring.length / 4) {
      resize(ring.length / 2);
    }
    return element;
  }

  @Override
  public String typeName() {
    return "list";
  }

  private int slot(int index) {
    return head + index & ring.length - 1;
  }

  private void resize(int capacity) {
    byte[][] larger = new byte[capacity][];
    for (int i = 0; i < size; i++) {
      larger[i] = get(i);
    }
    ring = larger;
    head = 0;
  }
}
