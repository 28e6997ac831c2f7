package dev.reveille.io.framing;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.sync.AbstractPollStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** {@link FrameReader#texts}. */
final class TextStream extends AbstractPollStream<String> {
  private final FrameReader reader;

  TextStream(FrameReader reader) {
    super("texts");
    this.reader = reader;
  }

  @Override
  @SuppressWarnings("NullAway") // see Polls
  protected Poll<@Nullable String> doPollNext(Context cx) throws IOException {
    return reader.pollText(cx);
  }

  @Override
  protected void release() {
    reader.close();
  }
}
