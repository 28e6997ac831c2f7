package dev.reveille;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A value that belongs to a task as a {@link ThreadLocal} belongs to a thread: a request id, a
 * tenant, a trace. It follows the task from poll to poll, whatever thread drives, and a task that
 * is posted or spawned by a running one begins with the values which that one has at this moment,
 * on another dispatcher too. What either sets later does not change the other's.
 *
 * <pre>{@code
 * TaskLocal<String> requestId = TaskLocal.named("request id");
 * dispatcher.spawn(
 *     "handler",
 *     requestId.bind(
 *         "r-17",
 *         cx -> {
 *           cx.dispatcher().spawn("audit", inner -> Poll.ready(log.add(requestId.get(inner))));
 *           return Poll.ready();
 *         }));
 * }</pre>
 *
 * <p>Callbacks have no task, hence no values, and neither has what they spawn; nor has a task that
 * a thread outside a poll spawns, unless it {@linkplain #bind binds} them. (An adapter may give its
 * callbacks those of a task: {@link TaskLocals}.)
 *
 * <p><b>Threading.</b> {@code get} and {@code set} on the loop, within the poll of the context.
 * <b>Memory effects.</b> A value that crosses to another dispatcher is published as what is posted
 * is.
 *
 * @param <T> the type of the value
 */
public final class TaskLocal<T> {
  private final String name;

  private TaskLocal(String name) {
    this.name = requireNonNull(name, "name");
  }

  /**
   * Makes a key. It is compared by identity: keep it in a static field.
   *
   * @param <T> the type of the value
   * @param name for messages
   * @return a new key
   */
  public static <T> TaskLocal<T> named(String name) {
    return new TaskLocal<>(name);
  }

  /**
   * The value of the running task.
   *
   * @param cx the context of its poll
   * @return the value, or null if it has none
   * @throws IllegalStateException if this is not the poll that the context was made for
   */
  public @Nullable T get(Context cx) {
    return TaskLocals.get(Posting.of(cx).locals(), this);
  }

  /**
   * Sets the value of the running task, for the rest of its stay on its dispatcher, or of the body
   * that it is {@linkplain #bind bound} for.
   *
   * @param cx the context of its poll
   * @param value the value; null takes it away
   * @throws IllegalStateException if this is not the poll that the context was made for
   */
  public void set(Context cx, @Nullable T value) {
    Posting posting = Posting.of(cx);
    posting.locals(TaskLocals.with(posting.locals(), this, value));
  }

  /**
   * A body that is polled with a value: it and what it spawns see the value, the rest of the task
   * does not. The body has its own copy of the task's other values, made at its first poll; what it
   * sets is undone for the rest of the task after each of its polls, and there again in the next.
   *
   * <p>Ready, Pending, failure and {@code cancel()} are the body's.
   *
   * @param <R> the type of the body's result
   * @param value the value
   * @param body what to poll with it; the new pollable owns it
   * @return a new pollable
   */
  public <R extends @Nullable Object> Pollable<R> bind(T value, Pollable<R> body) {
    return new Bound<>(this, requireNonNull(value, "value"), requireNonNull(body, "body"));
  }

  @Override
  public String toString() {
    return "TaskLocal[" + name + "]";
  }

  private static final class Bound<V, R extends @Nullable Object> implements Pollable<R> {
    private final TaskLocal<V> key;
    private final V value;
    private final Pollable<R> body;
    private boolean begun;
    private @Nullable TaskLocals own;

    Bound(TaskLocal<V> key, V value, Pollable<R> body) {
      this.key = key;
      this.value = value;
      this.body = body;
    }

    @Override
    public Poll<R> poll(Context cx) throws Exception {
      Posting posting = Posting.of(cx);
      TaskLocals outside = posting.locals();
      posting.locals(begun ? own : TaskLocals.with(outside, key, value));
      begun = true;
      try {
        return body.poll(cx);
      } finally {
        own = posting.locals();
        posting.locals(outside);
      }
    }

    @Override
    public void cancel() {
      own = null;
      body.cancel();
    }

    @Override
    public String toString() {
      return Names.of(body);
    }
  }
}
