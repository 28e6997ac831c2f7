package dev.reveille.samples.resp.command;

import dev.reveille.samples.resp.protocol.Request;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What stands behind key and value of a SET: {@code [NX|XX] [GET] [KEEPTTL|EX|PX|EXAT|PXAT t]}. */
final class SetOptions {
  boolean onlyIfAbsent;
  boolean onlyIfPresent;
  boolean get;
  boolean keepDeadline;
  private @Nullable ExpireTime expireTime;
  private int expireIndex;

  static SetOptions parse(Request request) throws CommandError {
    SetOptions options = new SetOptions();
    int index = 3;
    while (index < request.size()) {
      index = options.take(request, index);
    }
    return options;
  }

  boolean hasDeadline() {
    return expireTime != null;
  }

  /** The deadline; only if there is one. Unlike EXPIRE, SET takes no time before the epoch. */
  long deadline(Call call) throws CommandError {
    if (expireTime == null) {
      throw new IllegalStateException("no deadline given");
    }
    if (call.integer(expireIndex) <= 0) {
      throw CommandError.invalidExpireTime(call.command().name());
    }
    return expireTime.deadline(call, expireIndex);
  }

  private int take(Request request, int index) throws CommandError {
    if (request.is(index, "NX") && !onlyIfPresent) {
      onlyIfAbsent = true;
    } else if (request.is(index, "XX") && !onlyIfAbsent) {
      onlyIfPresent = true;
    } else if (request.is(index, "GET")) {
      get = true;
    } else if (request.is(index, "KEEPTTL") && expireTime == null) {
      keepDeadline = true;
    } else {
      return takeExpireTime(request, index);
    }
    return index + 1;
  }

  private int takeExpireTime(Request request, int index) throws CommandError {
    for (ExpireTime candidate : ExpireTime.values()) {
      if (request.is(index, candidate.name().toLowerCase(Locale.ROOT))
          && !keepDeadline
          && (expireTime == null || expireTime == candidate)
          && index + 1 < request.size()) {
        expireTime = candidate;
        expireIndex = index + 1;
        return index + 2;
      }
    }
    throw CommandError.syntax();
  }
}
