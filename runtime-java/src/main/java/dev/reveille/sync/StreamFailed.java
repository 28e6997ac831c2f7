package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#failed}. */
final class StreamFailed<T> extends AbstractPollStream<T> {
  private final Exception failure;

  StreamFailed(Exception failure) {
    super("failed");
    this.failure = requireNonNull(failure, "failure");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    throw failure;
  }
}
