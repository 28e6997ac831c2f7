package dev.reveille.io;

import java.util.ArrayList;
import java.util.List;

/**
 * The channels of the user's own on a loop, to find those that were closed: the JDK forgets their
 * keys without a word. On the loop only.
 */
final class WatchedChannels {
  private final List<WatchedChannel> list = new ArrayList<>();

  void add(WatchedChannel channel) {
    channel.index = list.size();
    list.add(channel);
  }

  void remove(WatchedChannel channel) {
    int index = channel.index;
    if (index >= 0) {
      WatchedChannel last = list.remove(list.size() - 1);
      if (last != channel) {
        list.set(index, last);
        last.index = index;
      }
      channel.index = -1;
    }
  }

  /**
   * Wakes who waits for a channel that was closed, or for a connection that somebody has finished.
   *
   * @return whether somebody did
   */
  boolean wakeClosed() {
    boolean anybody = false;
    for (int i = list.size() - 1; i >= 0; i--) { // backwards: the last one takes a removed place
      WatchedChannel channel = list.get(i);
      if (!channel.channel().isOpen()) {
        remove(channel);
        anybody |= channel.wakeAll();
      } else {
        anybody |= channel.wakeIfConnected();
      }
    }
    return anybody;
  }
}
