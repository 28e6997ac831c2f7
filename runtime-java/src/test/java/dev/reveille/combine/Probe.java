package dev.reveille.combine;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A child that does as it is told, and remembers what was done to it. */
final class Probe<T extends @Nullable Object> implements Pollable<T> {
  final String name;

  /** Names of probes in the order of their polls and cancels; shared if a test wants it so. */
  List<String> log = new ArrayList<>();

  Poll<T> answer = Poll.pending();
  @Nullable Exception failure;
  @Nullable Error error;
  @Nullable RuntimeException cancelFailure;
  Waker waker = Waker.none();
  int polls;
  int cancels;

  Probe(String name) {
    this.name = name;
  }

  static <T extends @Nullable Object> Probe<T> pending(String name) {
    return new Probe<>(name);
  }

  static <T extends @Nullable Object> Probe<T> ready(String name, T value) {
    Probe<T> probe = new Probe<>(name);
    probe.answer = Poll.ready(value);
    return probe;
  }

  static <T extends @Nullable Object> Probe<T> failing(String name, Exception failure) {
    Probe<T> probe = new Probe<>(name);
    probe.failure = failure;
    return probe;
  }

  Probe<T> loggingTo(List<String> shared) {
    log = shared;
    return this;
  }

  Probe<T> whoseCancelThrows(RuntimeException thrown) {
    cancelFailure = thrown;
    return this;
  }

  /** From outside the poll: it is ready from now on, and the task is woken. */
  void complete(T value) {
    answer = Poll.ready(value);
    waker.wake();
  }

  void fail(Exception thrown) {
    failure = thrown;
    waker.wake();
  }

  @Override
  public Poll<T> poll(Context cx) throws Exception {
    polls++;
    log.add(name);
    if (error != null) {
      throw error;
    }
    if (failure != null) {
      throw failure;
    }
    if (answer.isPending()) {
      waker = cx.waker(name);
    }
    return answer;
  }

  @Override
  public void cancel() {
    cancels++;
    log.add("-" + name);
    if (cancelFailure != null) {
      throw cancelFailure;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
