package dev.reveille.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A subscriber that keeps what it gets, and asks for nothing by itself. */
class RecordingSubscriber<T> implements Flow.Subscriber<T> {
  final List<T> got = new ArrayList<>();
  Flow.@Nullable Subscription subscription;
  @Nullable Throwable failure;
  int completions;
  int failures;

  @Override
  public void onSubscribe(Flow.Subscription s) {
    if (subscription != null) {
      throw new AssertionError("a second onSubscribe");
    }
    subscription = s;
  }

  @Override
  public void onNext(T element) {
    got.add(element);
  }

  @Override
  public void onError(Throwable t) {
    failure = t;
    failures++;
  }

  @Override
  public void onComplete() {
    completions++;
  }

  void request(long n) {
    Flow.Subscription s = subscription;
    if (s == null) {
      throw new AssertionError("no onSubscribe yet");
    }
    s.request(n);
  }

  void cancel() {
    Flow.Subscription s = subscription;
    if (s == null) {
      throw new AssertionError("no onSubscribe yet");
    }
    s.cancel();
  }
}
