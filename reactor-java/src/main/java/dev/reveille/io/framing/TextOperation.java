package dev.reveille.io.framing;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** {@link FrameReader#text}. */
final class TextOperation extends Operation<@Nullable String> {
  private final FrameReader reader;
  private boolean polled;

  TextOperation(FrameReader reader) {
    super("text");
    this.reader = reader;
  }

  @Override
  protected Poll<@Nullable String> doPoll(Context cx) throws IOException {
    polled = true;
    return reader.pollText(cx);
  }

  @Override
  protected void doCancel() {
    if (polled) {
      reader.abandon();
    }
  }
}
