package dev.reveille.lifecycle;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.StopToken;
import dev.reveille.Task;
import dev.reveille.Waker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one that is watched. Writes down what happens to it, and ends when it was told to. All fields
 * are plain on purpose: the dispatcher publishes them from thread to thread, or it breaks its
 * contract.
 */
final class Subject {
  static final String NAME = "subject";

  final List<String> log = new ArrayList<>();
  final Exception failure = new IOException("the subject's own");

  /** To be done once, in the next poll. */
  @Nullable Runnable duringPoll;

  @Nullable Waker waker;
  @Nullable StopToken token;

  private final @Nullable Task task;
  private final Pollable<Complete> pollable;
  private boolean mayComplete;
  private boolean mustThrow;
  private @Nullable Runnable atRelease;

  Subject(Axes.Kind kind) {
    task = kind == Axes.Kind.TASK ? new AsTask() : null;
    pollable = task != null ? task : new AsPollable();
  }

  Pollable<Complete> pollable() {
    return pollable;
  }

  /** Null if the subject is no task. */
  @Nullable Task task() {
    return task;
  }

  boolean isTask() {
    return task != null;
  }

  /** What to do in cleanup, or in cancel. */
  void atRelease(Runnable check) {
    atRelease = check;
  }

  /** The event that lets it complete. */
  void complete() {
    mayComplete = true;
    wake();
  }

  /** The event that makes it throw. */
  void fail() {
    mustThrow = true;
    wake();
  }

  /** Once it has ended: for the next stay. */
  void rewind() {
    mayComplete = false;
    mustThrow = false;
    log.clear();
  }

  void wake() {
    Waker w = waker;
    if (w != null) {
      w.wake();
    }
  }

  private void init() throws Exception {
    log.add(Oracle.INIT);
    if (mustThrow) {
      throw failure;
    }
  }

  private Poll<Complete> doPoll(Context cx) throws Exception {
    log.add(Oracle.POLL);
    waker = cx.waker("the event of this case");
    token = cx.stopToken();
    Runnable now = duringPoll;
    duringPoll = null;
    if (now != null) {
      now.run();
    }
    if (mustThrow) {
      throw failure;
    }
    return mayComplete ? Poll.ready() : Poll.pending();
  }

  private void released(String how) {
    requireNonNull(atRelease).run();
    log.add(how);
  }

  private final class AsTask extends Task {
    AsTask() {
      super(NAME);
    }

    @Override
    protected void init() throws Exception {
      Subject.this.init();
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      return Subject.this.doPoll(cx);
    }

    @Override
    protected void cleanup() {
      released(Oracle.CLEANUP);
    }
  }

  private final class AsPollable implements Pollable<Complete> {
    @Override
    public Poll<Complete> poll(Context cx) throws Exception {
      return doPoll(cx);
    }

    @Override
    public void cancel() {
      released(Oracle.CANCEL);
    }

    @Override
    public String toString() {
      return NAME;
    }
  }
}
