package dev.reveille.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A selector of the system that counts what is asked of it, and can be made to spin or to fail. */
final class TestSelector extends AbstractSelector {
  private final Selector real;
  final AtomicInteger wakeups = new AtomicInteger();
  final AtomicInteger selects = new AtomicInteger();
  final AtomicInteger looks = new AtomicInteger();
  final AtomicInteger registrations = new AtomicInteger();
  volatile boolean spins;
  volatile boolean fails;
  volatile boolean closesWhatItReports;

  /** A select that is over does not return before this. */
  volatile CountDownLatch returns = new CountDownLatch(0);

  TestSelector() throws IOException {
    this(Selector.open());
  }

  private TestSelector(Selector real) {
    super(real.provider());
    this.real = real;
  }

  @Override
  protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
    registrations.incrementAndGet();
    try {
      return channel.register(real, ops, attachment);
    } catch (ClosedChannelException e) {
      throw new java.nio.channels.ClosedSelectorException();
    }
  }

  @Override
  public int select(Consumer<SelectionKey> action, long timeout) throws IOException {
    selects.incrementAndGet();
    if (fails) {
      throw new IOException("Bad file descriptor");
    }
    int reported = spins ? 0 : real.select(reporting(action), timeout);
    try {
      returns.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return reported;
  }

  @Override
  public int selectNow(Consumer<SelectionKey> action) throws IOException {
    looks.incrementAndGet();
    if (fails) {
      throw new IOException("Bad file descriptor");
    }
    return spins ? 0 : real.selectNow(reporting(action));
  }

  private Consumer<SelectionKey> reporting(Consumer<SelectionKey> action) {
    return closesWhatItReports ? key -> action.accept(new ClosedMeanwhile(key)) : action;
  }

  /** A key whose channel is closed just after it was asked whether it is valid. */
  private static final class ClosedMeanwhile extends SelectionKey {
    private final SelectionKey key;

    ClosedMeanwhile(SelectionKey key) {
      this.key = key;
      attach(key.attachment());
    }

    @Override
    public boolean isValid() {
      boolean valid = key.isValid();
      try {
        key.channel().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return valid;
    }

    @Override
    public SelectableChannel channel() {
      return key.channel();
    }

    @Override
    public Selector selector() {
      return key.selector();
    }

    @Override
    public void cancel() {
      key.cancel();
    }

    @Override
    public int interestOps() {
      return key.interestOps();
    }

    @Override
    public SelectionKey interestOps(int ops) {
      return key.interestOps(ops);
    }

    @Override
    public int readyOps() {
      return key.readyOps();
    }
  }

  @Override
  public Selector wakeup() {
    wakeups.incrementAndGet();
    real.wakeup();
    return this;
  }

  @Override
  public Set<SelectionKey> keys() {
    return real.keys();
  }

  @Override
  public Set<SelectionKey> selectedKeys() {
    return real.selectedKeys();
  }

  @Override
  public int selectNow() throws IOException {
    return real.selectNow();
  }

  @Override
  public int select(long timeout) throws IOException {
    return real.select(timeout);
  }

  @Override
  public int select() throws IOException {
    return real.select();
  }

  @Override
  protected void implCloseSelector() throws IOException {
    real.close();
  }
}
