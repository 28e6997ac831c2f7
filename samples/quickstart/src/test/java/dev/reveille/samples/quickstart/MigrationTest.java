package dev.reveille.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.MockTime;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callbacks.executors.DispatcherExecutorService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The steps of the README's migration, each on mock time. */
class MigrationTest {
  private static final Duration QUICKLY = Duration.ofMillis(20);

  private final MockTime time = new MockTime().autoAdvance();
  private final RunnableDispatcher loop =
      new BasicDispatcher(DispatcherOptions.defaults().withName("mail").withTicker(time));
  private final List<String> printed = new ArrayList<>();

  @AfterEach
  void closeTheLoop() {
    loop.close();
  }

  private Mailbox mailbox() {
    return new Mailbox(DispatcherExecutorService.of(loop));
  }

  @Test
  void step1OldCodeRunsOnTheLoop() {
    Mailbox mailbox = Migration.connect(loop, printed::add);
    mailbox.deliver("1", "hello", QUICKLY);
    loop.runToCompletion();
    assertThat(printed).containsExactly("hello");
    assertThat(mailbox.leftOpen()).isZero();
  }

  @Test
  void step2OneCallIsAPollable() throws Exception {
    Mailbox mailbox = mailbox();
    mailbox.deliver("1", "hello", QUICKLY);
    try (Mailbox.Message message = loop.runUntil(Migration.open(mailbox, "1")).value()) {
      assertThat(message.subject()).isEqualTo("hello");
    }
    assertThat(mailbox.leftOpen()).isZero();
  }

  @Test
  void whatComesAfterTheTimeOutIsClosed() {
    Mailbox mailbox = mailbox();
    mailbox.deliver("1", "late", Duration.ofSeconds(6));
    Migration.subject(loop, mailbox, "1", (subject, error) -> printed.add(String.valueOf(error)));
    loop.runToCompletion();
    assertThat(printed)
        .containsExactly("java.util.concurrent.TimeoutException: 'open' took longer than PT5S");
    assertThat(mailbox.leftOpen()).isZero();
  }

  @Test
  void step3AListenerIsAStreamAndIsTakenBack() {
    Mailbox mailbox = mailbox();
    JoinHandle<Complete> printing = loop.spawn(Migration.printAll(mailbox, printed::add));
    loop.runUntilStalled();
    assertThat(mailbox.listeners()).isEqualTo(1);
    mailbox.deliver("1", "one", QUICKLY);
    mailbox.deliver("2", "two", QUICKLY);
    time.advance(QUICKLY);
    assertThat(printed).containsExactly("one", "two");

    printing.cancel();
    loop.runToCompletion();
    assertThat(mailbox.listeners()).isZero();
    assertThat(mailbox.leftOpen()).isZero();
  }

  @Test
  void aCallerThatStaysGetsItsCallback() {
    Mailbox mailbox = mailbox();
    mailbox.deliver("1", "hello", QUICKLY);
    Migration.subject(loop, mailbox, "1", (subject, error) -> printed.add(subject));
    Migration.subject(loop, mailbox, "2", (subject, error) -> printed.add(error.getMessage()));
    loop.runToCompletion();
    assertThat(printed).containsExactly("no message 2", "hello");
  }

  /** The table in the README is the one that the ledger prints. */
  @Test
  void step4TheLedgerShowsWhatIsLeftAndWhatMisbehaves() throws IOException {
    Mailbox mailbox = Migration.connect(loop, printed::add);
    List<String> reports = new ArrayList<>();
    Future<?> reporting = Migration.keepLedger(loop, reports::add);
    loop.spawn(Migration.printAll(mailbox, printed::add));
    loop.runUntilStalled();
    mailbox.deliver("1", "one", QUICKLY);
    mailbox.deliver("2", "two", Duration.ofSeconds(3));
    mailbox.deliver("3", "three", Duration.ofSeconds(6));
    mailbox.deliver("4", "four", QUICKLY);
    time.advance(Duration.ofHours(1));
    reporting.cancel(false);

    assertThat(reports).hasSize(1);
    assertThat(reports.get(0))
        .startsWith(table())
        .contains("dispatcher 'mail'", "misuse: 'open' was completed more than once")
        .contains("at dev.reveille.samples.quickstart.Mailbox");
    assertThat(mailbox.leftOpen()).isZero();
  }

  private static String table() throws IOException {
    String text = Files.readString(Path.of("..", "..", "README.md"));
    return text.split("```text\n", 2)[1].split("```", 2)[0];
  }
}
