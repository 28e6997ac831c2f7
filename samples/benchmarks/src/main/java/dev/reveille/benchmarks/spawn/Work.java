package dev.reveille.benchmarks.spawn;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;

/** What is spawned: 24 bytes, which are the caller's own. In five classes. */
abstract class Work implements Pollable<Complete>, Runnable {
  final Batch batch;
  final int key;

  Work(Batch batch, int key) {
    this.batch = batch;
    this.key = key;
  }

  @Override
  public void cancel() {} // holds nothing

  static Work of(Batch batch, int key) {
    return switch (key % 5) {
      case 0 -> new Add(batch, key);
      case 1 -> new Xor(batch, key);
      case 2 -> new Shift(batch, key);
      case 3 -> new Subtract(batch, key);
      default -> new Multiply(batch, key);
    };
  }

  private static final class Add extends Work {
    Add(Batch batch, int key) {
      super(batch, key);
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      run();
      return Poll.ready();
    }

    @Override
    public void run() {
      batch.sum += key;
    }
  }

  private static final class Xor extends Work {
    Xor(Batch batch, int key) {
      super(batch, key);
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      run();
      return Poll.ready();
    }

    @Override
    public void run() {
      batch.sum ^= key;
    }
  }

  private static final class Shift extends Work {
    Shift(Batch batch, int key) {
      super(batch, key);
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      run();
      return Poll.ready();
    }

    @Override
    public void run() {
      batch.sum = Long.rotateLeft(batch.sum, 7) + key;
    }
  }

  private static final class Subtract extends Work {
    Subtract(Batch batch, int key) {
      super(batch, key);
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      run();
      return Poll.ready();
    }

    @Override
    public void run() {
      batch.sum -= key;
    }
  }

  private static final class Multiply extends Work {
    Multiply(Batch batch, int key) {
      super(batch, key);
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      run();
      return Poll.ready();
    }

    @Override
    public void run() {
      batch.sum = batch.sum * 31 + key;
    }
  }
}
