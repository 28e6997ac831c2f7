package dev.reveille.io.process;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One kind of signal while there are streams for it. The JVM has one handler for each kind, in a
 * static place; so what shares it out has to be in a static place too.
 *
 * <p><b>States.</b> Live: in {@link #LIVE}, our handler is the JVM's, and there is a listener at
 * least. Dead, for good: the handler that was there before is back, and there is no listener. A
 * next stream makes a next hub. Both steps are made under the lock, and no user code is called
 * there.
 *
 * <p>Two things can still reach a dead hub: a signal for which the JVM had chosen our handler
 * before the step; and other code, which once put its handler in place of ours and has now put ours
 * back. Neither may swallow a signal that would have ended the process. So a dead hub sees to it
 * that it is not the JVM's handler, and raises the signal again, for whoever is; or hands it to the
 * live hub of its kind, if there is one by now.
 */
final class SignalHub implements Runnable {
  private record Listener(SignalStream stream, long bit) {}

  private static final Object LOCK = new Object();

  /** Guarded by the lock. */
  private static final Map<Signal, SignalHub> LIVE = new HashMap<>();

  private final Signal kind;
  private final SunSignals jvm;

  /** The JVM's object of this kind. */
  private final Object signal;

  /** What the JVM calls. */
  private final Object handler;

  /** What it called before. Guarded by the lock, as every change of the handler. */
  private @Nullable Object previous;

  /**
   * Replaced under the lock (volatile write), never changed; read by the handler threads (volatile)
   * without it.
   */
  private volatile List<Listener> listeners = List.of();

  private SignalHub(Signal kind) {
    this.kind = kind;
    this.jvm = SunSignals.get();
    this.signal = jvm.signal(kind.name());
    this.handler = jvm.handler(kind + " to its streams", this);
  }

  static void join(Signal kind, SignalStream stream, long bit) {
    synchronized (LOCK) {
      SignalHub hub = LIVE.get(kind);
      if (hub == null) {
        hub = new SignalHub(kind);
        hub.listeners = List.of(new Listener(stream, bit)); // before the first signal can come
        hub.install();
        LIVE.put(kind, hub);
      } else {
        List<Listener> more = new ArrayList<>(hub.listeners);
        more.add(new Listener(stream, bit));
        hub.listeners = List.copyOf(more);
      }
    }
  }

  /** Does nothing if the stream has left before. */
  static void leave(Signal kind, SignalStream stream) {
    synchronized (LOCK) {
      SignalHub hub = LIVE.get(kind);
      if (hub == null) {
        return;
      }
      List<Listener> rest = new ArrayList<>(hub.listeners);
      rest.removeIf(listener -> listener.stream == stream);
      if (rest.isEmpty()) {
        LIVE.remove(kind);
        hub.uninstall();
      }
      hub.listeners = List.copyOf(rest);
    }
  }

  /** A signal has come. On a thread that the JVM has made for it. */
  @Override
  public void run() {
    List<Listener> those = listeners;
    if (those.isEmpty()) {
      passOn();
    }
    for (Listener listener : those) {
      listener.stream.arrived(listener.bit);
    }
  }

  private void passOn() {
    SignalHub next;
    synchronized (LOCK) {
      next = LIVE.get(kind);
      if (next == null) {
        uninstall();
      }
    }
    if (next == null) {
      jvm.raise(signal);
    } else {
      next.run(); // not raised: if ours is the JVM's handler, it would come back here
    }
  }

  /** Under the lock. */
  private void install() {
    Object before = jvm.install(signal, handler);
    previous = before;
    if (jvm.isNative(before)) {
      // The JVM's own: USR2, with which it stops threads on Linux. Or that of a native library.
      uninstall();
      listeners = List.of();
      throw new IllegalArgumentException(
          kind + " is handled by native code of this process, of the JVM itself perhaps");
    }
  }

  /** Puts back what was there, unless others have put their own there. Under the lock. */
  private void uninstall() {
    Object before = previous;
    if (before != null) {
      Object installed = jvm.install(signal, before);
      if (installed != handler) {
        jvm.install(signal, installed);
      }
    }
  }
}
