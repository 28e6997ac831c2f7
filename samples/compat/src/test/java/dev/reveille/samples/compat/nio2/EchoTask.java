package dev.reveille.samples.compat.nio2;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Task;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;

/** One connection: writes back what it reads, until the peer ends. */
final class EchoTask extends Task {
  private final AsynchronousSocketChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(64);
  private boolean reading = true;
  private Pollable<Integer> step;

  EchoTask(AsynchronousSocketChannel channel) {
    super("echo");
    this.channel = channel;
    this.step = Nio2.read(channel, buffer);
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    for (; ; ) {
      Poll<Integer> poll = step.poll(cx);
      if (poll.isPending()) {
        return Poll.pending();
      }
      if (reading && poll.value() < 0) {
        return Poll.ready();
      }
      if (reading) {
        buffer.flip();
        reading = false;
      } else if (!buffer.hasRemaining()) {
        buffer.clear();
        reading = true;
      }
      step = reading ? Nio2.read(channel, buffer) : Nio2.write(channel, buffer);
    }
  }

  @Override
  protected void cleanup() throws IOException {
    step.cancel();
    channel.close();
  }
}
