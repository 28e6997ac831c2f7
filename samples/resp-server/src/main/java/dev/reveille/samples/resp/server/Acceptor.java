package dev.reveille.samples.resp.server;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.Timer;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Accepts connections. When the system gives no more of them, it waits a moment and tries again.
 */
final class Acceptor extends Task {
  private static final Logger LOGGER = System.getLogger(Acceptor.class.getName());

  /** Descriptors become free when clients leave, which takes longer than this. */
  private static final Duration BACK_OFF = Duration.ofMillis(100);

  private final TcpListener listener;
  private final Consumer<TcpStream> onAccept;
  private final Timer backOff;
  private boolean waiting;

  Acceptor(Dispatcher dispatcher, TcpListener listener, Consumer<TcpStream> onAccept) {
    super("acceptor");
    this.listener = listener;
    this.onAccept = onAccept;
    this.backOff = new Timer(dispatcher);
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) {
    for (; ; ) {
      if (waiting && backOff.poll(cx).isPending()) {
        return Poll.pending();
      }
      waiting = false;
      try {
        Poll<TcpStream> accepted = listener.pollAccept(cx);
        if (accepted.isPending()) {
          return Poll.pending();
        }
        onAccept.accept(accepted.value());
      } catch (ClosedChannelException e) {
        return Poll.ready();
      } catch (IOException e) {
        LOGGER.log(Logger.Level.WARNING, "no connection could be accepted; trying again", e);
        waiting = true;
        backOff.reset(BACK_OFF);
      }
    }
  }

  @Override
  protected void cleanup() {
    backOff.cancel();
  }
}
