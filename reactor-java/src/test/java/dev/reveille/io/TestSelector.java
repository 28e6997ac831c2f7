package dev.reveille.io;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;
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
    return spins ? 0 : real.select(action, timeout);
  }

  @Override
  public int selectNow(Consumer<SelectionKey> action) throws IOException {
    looks.incrementAndGet();
    if (fails) {
      throw new IOException("Bad file descriptor");
    }
    return spins ? 0 : real.selectNow(action);
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
