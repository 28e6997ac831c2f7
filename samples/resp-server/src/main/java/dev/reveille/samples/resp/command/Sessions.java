package dev.reveille.samples.resp.command;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** All clients that are connected now. Confined to one loop. */
public final class Sessions {
  private final LongSupplier clock;
  private final Map<Long, Session> open = new TreeMap<>();
  private long opened;

  /**
   * Without any client.
   *
   * @param clock milliseconds of the wall
   */
  public Sessions(LongSupplier clock) {
    this.clock = clock;
  }

  /** A client has connected; both addresses as {@code host:port}. */
  public Session open(String address, String localAddress) {
    Session session = new Session(++opened, address, localAddress, clock.getAsLong());
    open.put(session.id(), session);
    return session;
  }

  /** The client is gone. */
  public void close(Session session) {
    open.remove(session.id());
  }

  /** How many clients are connected. */
  public int size() {
    return open.size();
  }

  /** How many clients have ever connected. */
  public long opened() {
    return opened;
  }

  /** The clients, oldest first. */
  public Collection<Session> all() {
    return Collections.unmodifiableCollection(open.values());
  }
}
