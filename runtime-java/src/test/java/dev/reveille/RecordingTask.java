package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down what happens to it, and does as it is told. */
class RecordingTask extends Task {
  private final List<String> log;
  Poll<Complete> answer = Poll.pending();
  @Nullable Exception failure;
  @Nullable Exception initFailure;
  @Nullable Waker waker;
  @Nullable StopToken token;

  RecordingTask(List<String> log) {
    super("recorder");
    this.log = log;
  }

  @Override
  protected void init() throws Exception {
    log.add("init");
    if (initFailure != null) {
      throw initFailure;
    }
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    log.add("poll");
    waker = cx.waker("the test");
    token = cx.stopToken();
    if (failure != null) {
      throw failure;
    }
    return answer;
  }

  @Override
  protected void cleanup() throws Exception {
    log.add("cleanup");
  }

  void wake() {
    requireNonNull(waker).wake();
  }
}
