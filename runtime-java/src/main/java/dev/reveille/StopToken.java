package dev.reveille;

/**
 * The side of a {@link StopSource} that is asked: politely, once and for all, whether to stop.
 *
 * <p><b>Threading.</b> {@link #isStopped} may be called by any thread; {@link #pollStopped} by
 * tasks of any dispatcher, on their loop.
 *
 * <p><b>Memory effects.</b> Actions before {@link StopSource#stop} happen-before everything that
 * follows a true {@code isStopped()} or a ready {@code pollStopped}.
 */
public final class StopToken {
  private final StopSource source;

  StopToken(StopSource source) {
    this.source = source;
  }

  /**
   * Whether stop was requested. Once true it stays true.
   *
   * @return true after {@link StopSource#stop}
   */
  public boolean isStopped() {
    return source.isStopped();
  }

  /**
   * Waits for the stop; may be called again and again. Ready once stop was requested, also if that
   * was before. Pending until then; {@link StopSource#stop} wakes each task that asked. A task that
   * no longer waits may get one wake that it did not ask for. Throws nothing. There is nothing to
   * cancel: the registration of a task that has ended is dropped when the next task registers.
   *
   * @param cx the context of the poll
   * @return ready after the stop
   */
  public Poll<Complete> pollStopped(Context cx) {
    return source.pollStopped(cx);
  }

  @Override
  public String toString() {
    return isStopped() ? "StopToken[stopped]" : "StopToken[not stopped]";
  }
}
