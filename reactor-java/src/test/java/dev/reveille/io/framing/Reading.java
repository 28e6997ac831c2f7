package dev.reveille.io.framing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.io.HandPolled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads frames, as Latin-1 text, in polls of a task. */
final class Reading {
  private final HandPolled task;
  final FrameReader reader;

  /** What {@link #next} returns when the frame is not complete. */
  static final String PENDING = "(pending)";

  /** What {@link #next} returns at the end. */
  static final String END = "(end)";

  Reading(RunnableDispatcher loop, FrameReader reader) {
    this.task = new HandPolled(loop, "reader");
    this.reader = reader;
  }

  static String latin1(ByteBuffer frame) {
    return ISO_8859_1.decode(frame).toString();
  }

  /** One poll. */
  String next() throws Exception {
    return task.call(
        cx -> {
          Poll<@Nullable ByteBuffer> poll = reader.pollFrame(cx);
          if (poll.isPending()) {
            return PENDING;
          }
          return poll.value() == null ? END : latin1(poll.value());
        });
  }

  /** All that are complete, then perhaps the end. */
  List<String> all() throws Exception {
    List<String> frames = new ArrayList<>();
    int pending = 0;
    for (; ; ) {
      String frame = next();
      if (frame.equals(PENDING)) {
        if (task.takeWakes() == 0 || ++pending > 100) { // a spent budget wakes
          return frames;
        }
      } else {
        pending = 0;
        frames.add(frame);
        if (frame.equals(END)) {
          return frames;
        }
      }
    }
  }

  int takeWakes() {
    return task.takeWakes();
  }

  <T> T call(HandPolled.Step<T> step) throws Exception {
    return task.call(step);
  }
}
