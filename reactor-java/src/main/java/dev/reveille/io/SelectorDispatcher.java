package dev.reveille.io;

import dev.reveille.DispatcherOptions;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A dispatcher whose driver waits in a {@link Selector} when nothing is ready, so that its tasks
 * can wait for sockets.
 *
 * <pre>{@code
 * try (var dispatcher = new SelectorDispatcher()) {
 *   TcpListener listener = dispatcher.listen(new InetSocketAddress("localhost", 0));
 *   bound.complete(listener.localAddress()); // with the port that the system chose
 *   dispatcher.post(new Acceptor(listener)); // a task: see TcpListener
 *   dispatcher.run();
 * }
 * }</pre>
 *
 * <p>A sleep is rounded up to the millisecond, the selector's unit, so a timer is never early and
 * up to a millisecond late. When the dispatcher is closed, the sockets that are still open on it
 * are closed.
 *
 * <p><b>Threading.</b> As {@link RunnableDispatcher}. {@link #listen} may be called by any thread,
 * and {@link #connect} gives an operation that is polled on this loop.
 */
public final class SelectorDispatcher extends RunnableDispatcher implements Network {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Selector selector;

  /**
   * One object for all selects: the selected keys are handled without a set and without garbage.
   */
  private final Consumer<SelectionKey> onSelected = SelectorDispatcher::selected;

  /** Creates a dispatcher with the {@linkplain DispatcherOptions#defaults default options}. */
  public SelectorDispatcher() {
    this(DispatcherOptions.defaults());
  }

  /**
   * Creates a dispatcher.
   *
   * @param options name, clock and limits
   * @throws UncheckedIOException if the system gives no selector: file descriptors have run out
   */
  public SelectorDispatcher(DispatcherOptions options) {
    super(options);
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("no selector for dispatcher '" + options.name() + "'", e);
    }
  }

  @Override
  public TcpListener listen(SocketAddress address) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.configureBlocking(false);
      channel.bind(address);
      return new NioTcpListener(this, channel);
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  @Override
  public Pollable<TcpStream> connect(SocketAddress address) {
    return new ConnectOperation(this, address);
  }

  // ------------------------------------------------------------------ for the sockets, on the loop

  /** Registers a channel without interest. */
  SelectionKey register(SelectableChannel channel, Registration registration)
      throws ClosedChannelException {
    assert onLoop();
    return channel.register(selector, 0, registration);
  }

  /** Takes the driver's role if nobody has it. */
  boolean enter(String operation) {
    return enterLoop(operation);
  }

  void exit(boolean taken) {
    exitLoop(taken);
  }

  /** A failure to close a socket: nobody waits for it. */
  void closeFailed(SelectableChannel channel, IOException failure) {
    uncaught("close of " + channel, failure);
  }

  private static void selected(SelectionKey key) {
    if (key.isValid() && key.attachment() instanceof Registration registration) {
      registration.selected(key.readyOps());
    }
  }

  // ------------------------------------------------------------------ the platform

  @Override
  protected void park(long nanos) throws IOException {
    if (nanos <= 0) {
      selector.selectNow(onSelected);
    } else if (nanos == Long.MAX_VALUE) {
      selector.select(onSelected);
    } else {
      // Rounded up, in a way that does not overflow: a sleep that ends too early would spin.
      selector.select(onSelected, (nanos - 1) / NANOS_PER_MILLI + 1);
    }
  }

  @Override
  protected void wakeLoop() {
    selector.wakeup();
  }

  @Override
  protected void pollEvents() throws IOException {
    if (!selector.keys().isEmpty()) {
      selector.selectNow(onSelected);
    }
  }

  @Override
  protected void onClosed() throws IOException {
    List<SelectionKey> keys = new ArrayList<>(selector.keys()); // closing channels changes the set
    for (SelectionKey key : keys) {
      key.channel().close();
    }
    selector.close();
  }
}
