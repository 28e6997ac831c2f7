package dev.reveille.benchmarks.bridge;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What lies behind the legacy API: it collects the calls until all callers wait, then answers all
 * of them in one turn of the executor that it was given, the loop or a thread of its own. So the
 * turn costs each call next to nothing, and each call costs its caller one way through the loop.
 *
 * <p>The callers are all on one thread. There are two batches: the first callers that were answered
 * call again while the last ones of the same turn are not answered yet. No batch is written to
 * before it was answered, as its last caller would be missing.
 */
final class Wire {
  private final @Nullable Executor deliverOn;
  private Batch filling;
  private Batch other;

  /**
   * Creates one.
   *
   * @param inFlight how many callers there are; each waits for its answer before it calls again
   * @param deliverOn where answers are given; null for: at once, within the call
   */
  Wire(int inFlight, @Nullable Executor deliverOn) {
    this.deliverOn = deliverOn;
    this.filling = new Batch(inFlight);
    this.other = new Batch(inFlight);
  }

  void send(LegacyClient client, int key, ItemCallback callback) {
    if (deliverOn == null) {
      client.answer(key, callback);
      return;
    }
    Batch batch = filling;
    if (batch.add(client, key, callback)) {
      filling = other;
      other = batch;
      deliverOn.execute(batch);
    }
  }

  private static final class Batch implements Runnable {
    private final LegacyClient[] clients;
    private final int[] keys;
    private final @Nullable ItemCallback[] callbacks;
    private int size;

    Batch(int capacity) {
      clients = new LegacyClient[capacity];
      keys = new int[capacity];
      callbacks = new ItemCallback[capacity];
    }

    /** Returns true when it is full. */
    boolean add(LegacyClient client, int key, ItemCallback callback) {
      int i = size++;
      clients[i] = client;
      keys[i] = key;
      callbacks[i] = callback;
      return size == keys.length;
    }

    @Override
    public void run() {
      size = 0;
      for (int i = 0; i < keys.length; i++) {
        ItemCallback callback = callbacks[i];
        callbacks[i] = null; // as a library would: it is not to keep the caller alive
        assert callback != null;
        clients[i].answer(keys[i], callback);
      }
    }
  }
}
