package dev.reveille.samples.compat.okhttp;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** A callback that OkHttp has called, and that passes it on when it is told to. */
final class Held implements Callback {
  private final Callback callback;
  private final CountDownLatch called = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch passedOn = new CountDownLatch(1);
  private volatile @Nullable Response response;

  Held(Callback callback) {
    this.callback = callback;
  }

  void awaitCalled() throws InterruptedException {
    Rig.await(called);
  }

  /** Returns when it was passed on. */
  void release() throws InterruptedException {
    released.countDown();
    Rig.await(passedOn);
  }

  /** Null if it was a failure. */
  @Nullable Response response() {
    return response;
  }

  @Override
  public void onResponse(Call call, Response given) throws IOException {
    response = given;
    hold();
    callback.onResponse(call, given);
    passedOn.countDown();
  }

  @Override
  public void onFailure(Call call, IOException failure) {
    hold();
    callback.onFailure(call, failure);
    passedOn.countDown();
  }

  private void hold() {
    called.countDown();
    try {
      Rig.await(released);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // goes on: the test says what it misses
    }
  }
}
