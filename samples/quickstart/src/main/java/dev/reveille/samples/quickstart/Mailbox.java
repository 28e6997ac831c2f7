package dev.reveille.samples.quickstart;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Plays the legacy library in {@link Migration}: a client as there are many. Its callbacks come on
 * the executor that it was given. And it has a bug, of the usual kind: when an answer is slow it
 * asks again, and then calls back twice.
 */
final class Mailbox {
  private static final Duration SLOW = Duration.ofSeconds(2);

  /** What {@link #open} brings; whoever gets it has to close it. */
  final class Message implements AutoCloseable {
    private final String subject;
    private boolean closed;

    private Message(String subject) {
      this.subject = subject;
      open++;
    }

    String subject() {
      return subject;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open--;
      }
    }
  }

  private record Stored(String subject, Duration latency) {}

  private final ScheduledExecutorService executor;
  private final Map<String, Stored> messages = new HashMap<>();
  private final List<Consumer<String>> listeners = new ArrayList<>();
  private int open;

  Mailbox(ScheduledExecutorService executor) {
    this.executor = executor;
  }

  void open(String id, Consumer<Message> onMessage, Consumer<Exception> onError) {
    Stored stored = messages.get(id);
    if (stored == null) {
      executor.execute(() -> onError.accept(new IOException("no message " + id)));
      return;
    }
    after(
        stored.latency,
        () -> {
          Message message = new Message(stored.subject);
          onMessage.accept(message);
          if (stored.latency.compareTo(SLOW) > 0) {
            after(SLOW, () -> onMessage.accept(message)); // nobody looks forward to this one
          }
        });
  }

  void addListener(Consumer<String> listener) {
    listeners.add(listener);
  }

  void removeListener(Consumer<String> listener) {
    listeners.remove(listener);
  }

  /** The other side: a message comes in. */
  void deliver(String id, String subject, Duration latency) {
    messages.put(id, new Stored(subject, latency));
    List.copyOf(listeners).forEach(listener -> listener.accept(id));
  }

  int listeners() {
    return listeners.size();
  }

  /** How many messages were opened and not closed. */
  int leftOpen() {
    return open;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // as such libraries do
  private void after(Duration delay, Runnable action) {
    executor.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
  }
}
