package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.DispatcherOptions;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.jspecify.annotations.Nullable;

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
  /** What is closed with the dispatcher. */
  final Registrations registrations = new Registrations();

  private final ChannelSelector selector;
  private final WatchedChannels watched = new WatchedChannels();

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
    this(options, Selector::open);
  }

  /** For tests, which have selectors of their own. */
  SelectorDispatcher(DispatcherOptions options, ChannelSelector.Source selectors) {
    super(options);
    try {
      selector = new ChannelSelector(this, selectors);
    } catch (IOException e) {
      throw new UncheckedIOException("no selector for dispatcher '" + options.name() + "'", e);
    }
  }

  @Override
  public TcpListener listen(SocketAddress address, ListenOptions options) throws IOException {
    return onlyWhileOpen(NioTcpListener.open(this, address, options));
  }

  @Override
  public Pollable<TcpStream> connect(SocketAddress address, ConnectOptions options) {
    return new ConnectOperation(this, address, options);
  }

  @Override
  public UdpSocket bindUdp(SocketAddress address, UdpOptions options) throws IOException {
    return onlyWhileOpen(NioUdpSocket.bind(this, address, options));
  }

  // ------------------------------------------------------------------ pipes, and the user's own

  /**
   * Opens a pipe of the operating system. Any thread.
   *
   * @return its two ends
   * @throws IllegalStateException if the dispatcher is closed
   * @throws IOException if the system gives none: file descriptors have run out
   */
  public BytePipe openPipe() throws IOException {
    Pipe pipe = Pipe.open();
    try {
      return new BytePipe(adopt(pipe.source()), adopt(pipe.sink()));
    } catch (Throwable t) {
      pipe.source().close();
      pipe.sink().close();
      throw t;
    }
  }

  /**
   * Takes over the reading end of a pipe, which becomes non-blocking, and is closed with what is
   * returned. Any thread.
   *
   * @param channel the end; not to be used otherwise from now on
   * @return what is read from it
   * @throws java.nio.channels.ClosedChannelException if it was closed
   * @throws IllegalStateException if the dispatcher is closed; the channel is closed then, too
   * @throws IOException what the system says
   */
  public ByteSource adopt(Pipe.SourceChannel channel) throws IOException {
    return onlyWhileOpen(NioPipeSource.adopt(this, channel));
  }

  /**
   * Takes over the writing end of a pipe, which becomes non-blocking, and is closed with what is
   * returned. Any thread.
   *
   * @param channel the end; not to be used otherwise from now on
   * @return what is written to it
   * @throws java.nio.channels.ClosedChannelException if it was closed
   * @throws IllegalStateException if the dispatcher is closed; the channel is closed then, too
   * @throws IOException what the system says
   */
  public ByteSink adopt(Pipe.SinkChannel channel) throws IOException {
    return onlyWhileOpen(NioPipeSink.adopt(this, channel));
  }

  /**
   * Waits until a channel of the user's own can be read, or accept: a one-shot operation, for which
   * the channel is {@linkplain #watch watched} from the first poll on. Ready when the selector has
   * found it so, or an error or the end of the stream; pending until then, at least in its first
   * poll, and the reactor wakes. {@code cancel()} gives the interest back. Throws {@link
   * ClosedChannelException} if the channel is or was closed, with the delay that {@link
   * ChannelReadiness} describes; {@link IllegalArgumentException} if it is in blocking mode or can
   * not be read; {@link IllegalStateException} if two tasks wait for it. Any thread; it is polled
   * on this loop.
   *
   * <pre>{@code
   * Pollable<Integer> received =
   *     Pollables.map(dispatcher.readable(channel), ready -> legacy.receiveAll(channel));
   * }</pre>
   *
   * @param channel the channel; in non-blocking mode
   * @return a new operation
   */
  public Pollable<Complete> readable(SelectableChannel channel) {
    return new ReadinessOperation("readable", this, channel, WatchedChannel.INPUT);
  }

  /**
   * Waits until a channel of the user's own can be written, or its connection be finished: a
   * one-shot operation as {@link #readable}.
   *
   * @param channel the channel; in non-blocking mode
   * @return a new operation
   */
  public Pollable<Complete> writable(SelectableChannel channel) {
    return new ReadinessOperation("writable", this, channel, WatchedChannel.OUTPUT);
  }

  /**
   * Watches a channel of the user's own. The I/O, and the close, remain the user's; closing the
   * dispatcher does not close the channel. For a channel that is watched already it is the same
   * object again. On the loop, or while nobody drives the dispatcher.
   *
   * @param channel the channel; in non-blocking mode, in which it has to stay until it is {@link
   *     ChannelReadiness#close given back}
   * @return its readiness
   * @throws ClosedChannelException if the channel is closed
   * @throws IllegalArgumentException if it is in blocking mode, or one that a selector of the
   *     system can not watch
   * @throws IllegalStateException if another thread drives the dispatcher, or the channel was
   *     {@linkplain #adopt(Pipe.SourceChannel) adopted}
   */
  public ChannelReadiness watch(SelectableChannel channel) throws ClosedChannelException {
    return watched(channel);
  }

  /**
   * Closes a channel of the user's own, and wakes the loop, which wakes the tasks that wait for it.
   * Any thread. Without it, the loop finds out when it next looks outside: {@link
   * ChannelReadiness}.
   *
   * @param channel the channel, watched or not
   * @throws IOException if closing it failed; the tasks are woken all the same
   */
  public void closeChannel(SelectableChannel channel) throws IOException {
    try {
      channel.close();
    } finally {
      wakeLoop(); // it looks for closed channels before it sleeps again
    }
  }

  WatchedChannel watched(SelectableChannel channel) throws ClosedChannelException {
    if (channel.isBlocking()) {
      throw new IllegalArgumentException(
          "in blocking mode, call configureBlocking(false) first: " + channel);
    }
    boolean taken = enterLoop("SelectorDispatcher.watch");
    try {
      SelectionKey key = keyOf(channel);
      if (key != null && !key.isValid()) {
        selector
            .selectNow(); // given back a moment ago: the selector forgets the key when it selects
      } else if (key != null) {
        if (key.attachment() instanceof WatchedChannel known) {
          return known;
        }
        throw new IllegalStateException(channel + " belongs to " + key.attachment());
      }
      WatchedChannel added = new WatchedChannel(this, channel, watched);
      watched.add(added);
      return added;
    } finally {
      exitLoop(taken);
    }
  }

  /** The key of a channel that is registered here. */
  @Nullable SelectionKey keyOf(SelectableChannel channel) {
    return selector.keyFor(channel);
  }

  /** Nobody could use it, or close it, any more. */
  private <R extends Registration> R onlyWhileOpen(R registration) {
    if (isClosed()) { // perhaps it was not there yet when all were closed
      registration.discard();
      throw new IllegalStateException(
          "dispatcher '" + name() + "' is closed, and " + registration + " with it");
    }
    return registration;
  }

  // ------------------------------------------------------------------ for the sockets, on the loop

  /** Registers a channel without interest. */
  SelectionKey register(SelectableChannel channel, Registration registration)
      throws ClosedChannelException {
    assert onLoop();
    return selector.register(channel, registration);
  }

  /** A key is about to be cancelled by the one who has it. */
  void released() {
    selector.released();
  }

  /** Lets the selector close the sockets whose channels were closed. */
  void flush() {
    assert onLoop();
    if (!isClosed()) {
      selector.selectNow();
    }
  }

  void selectorFailed(IOException failure) {
    uncaught("selector of dispatcher '" + name() + "'", failure);
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

  // ------------------------------------------------------------------ the platform

  @Override
  protected void park(long nanos) {
    if (watched.wakeClosed() || nanos <= 0) {
      selector.selectNow();
    } else {
      selector.select(nanos);
    }
  }

  @Override
  protected void wakeLoop() {
    selector.wakeup();
  }

  @Override
  protected void pollEvents() {
    watched.wakeClosed();
    selector.selectNow();
  }

  @Override
  protected void onClosed() throws IOException {
    for (Registration registration : registrations.list()) {
      registration.discard(); // all tasks have ended: there is nobody to wake
    }
    selector.close();
  }
}
