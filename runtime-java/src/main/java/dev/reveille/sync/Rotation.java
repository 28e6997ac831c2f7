package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Streams of which any may give the next element. Each search begins behind the one that gave last,
 * so an always ready one does not keep the others from being heard.
 */
final class Rotation<T> {
  private final List<Upstream<T>> streams = new ArrayList<>();
  private int start;

  void add(PollStream<? extends T> stream) {
    streams.add(new Upstream<>(stream));
  }

  int size() {
    return streams.size();
  }

  /** Ready with null if none is left; those that ended are dropped on the way. */
  Poll<@Nullable T> poll(Context cx) throws Exception {
    int i = start;
    for (int left = streams.size(); left > 0; left--) {
      if (i >= streams.size()) {
        i = 0;
      }
      Poll<@Nullable T> poll = cx.pollChild(streams.get(i));
      if (poll.isPending()) {
        i++;
      } else if (poll.value() == null) {
        streams.remove(i); // what stood behind it is at i now
        if (i < start) {
          start--;
        }
      } else {
        start = i + 1;
        return poll;
      }
    }
    if (streams.isEmpty()) {
      return AbstractPollStream.end();
    }
    return Poll.pending();
  }

  void cancelAll() {
    CancelAll.of(streams);
  }
}
