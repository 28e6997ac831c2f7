package dev.reveille.samples.quickstart;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.executors.DispatcherExecutorService;
import dev.reveille.callbacks.ledger.MigrationLedger;
import dev.reveille.combine.Pollables;
import dev.reveille.samples.quickstart.Mailbox.Message;
import dev.reveille.sync.PollStream;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

final class Migration {
  private Migration() {}

  // readme: migrate-executor
  /** Step 1: the old code as it is, callbacks and all. Its executor is the loop. */
  static Mailbox connect(Dispatcher loop, Consumer<String> printer) {
    Mailbox mailbox = new Mailbox(DispatcherExecutorService.of(loop));
    mailbox.addListener(
        id ->
            mailbox.open(
                id,
                message -> {
                  printer.accept(message.subject());
                  message.close();
                },
                error -> printer.accept("unreadable: " + error.getMessage())));
    return mailbox;
  }

  // readme: end

  // readme: migrate-call
  private static final CallOptions<Message> OPEN =
      CallOptions.<Message>defaults().withTimeout(Duration.ofSeconds(5)).closeLateValues();

  /** Step 2: one call, as a pollable. A message that comes when nobody waits is closed. */
  static Pollable<Message> open(Mailbox mailbox, String id) {
    return Callbacks.call(
        "open", OPEN, completer -> mailbox.open(id, completer::complete, completer::fail));
  }

  static Pollable<String> subject(Mailbox mailbox, String id) {
    return Pollables.map(
        open(mailbox, id),
        message -> {
          try (message) {
            return message.subject();
          }
        });
  }

  // readme: end

  // readme: migrate-stream
  /** Step 3: a listener, as a stream, that keeps the last hundred when nobody is in time. */
  static PollStream<String> arrivals(Mailbox mailbox) {
    return Callbacks.stream(
        "arrivals",
        Overflow.dropOldest(100),
        emitter -> {
          Consumer<String> listener = emitter::next;
          mailbox.addListener(listener);
          return () -> mailbox.removeListener(listener);
        });
  }

  /** What step 1 did in callbacks, with up to four messages on their way at a time. */
  static Pollable<Complete> printAll(Mailbox mailbox, Consumer<String> printer) {
    return arrivals(mailbox)
        .mapAsync(
            4,
            id ->
                Pollables.recover(
                    subject(mailbox, id),
                    Exception.class,
                    error -> Pollables.ready("unreadable: " + error.getMessage())))
        .forEach(printer);
  }

  // readme: end

  // readme: migrate-back
  /** For a caller that stays as it is: it gets its callback, on the loop. */
  static void subject(
      Dispatcher loop, Mailbox mailbox, String id, BiConsumer<String, Throwable> callback) {
    Callbacks.onComplete(loop, subject(mailbox, id), callback);
  }

  // readme: end

  // readme: migrate-ledger
  /** Step 4: once an hour, what is left and what misbehaves. Any thread may ask a ledger. */
  static Future<?> keepLedger(Dispatcher loop, Consumer<String> log) {
    MigrationLedger ledger = MigrationLedger.attach(loop);
    return DispatcherExecutorService.of(loop)
        .scheduleAtFixedRate(() -> log.accept(ledger.report()), 1, 1, TimeUnit.HOURS);
  }
  // readme: end
}
