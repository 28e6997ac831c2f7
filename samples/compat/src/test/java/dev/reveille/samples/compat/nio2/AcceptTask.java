package dev.reveille.samples.compat.nio2;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Task;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;

/** Takes so many connections, and gives each of them to an {@link EchoTask} of its own. */
final class AcceptTask extends Task {
  private final AsynchronousServerSocketChannel server;
  private int left;
  private Pollable<AsynchronousSocketChannel> next;

  AcceptTask(AsynchronousServerSocketChannel server, int connections) {
    super("accept");
    this.server = server;
    this.left = connections;
    this.next = Nio2.accept(server);
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    for (; ; ) {
      Poll<AsynchronousSocketChannel> poll = next.poll(cx);
      if (poll.isPending()) {
        return Poll.pending();
      }
      cx.dispatcher().post(new EchoTask(poll.value()));
      left--;
      if (left == 0) {
        return Poll.ready();
      }
      next = Nio2.accept(server);
    }
  }

  @Override
  protected void cleanup() {
    next.cancel();
  }
}
