package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An interrupt of the driver is reported once a run, and a failure that nobody takes at all. */
final class InterruptReportTest {
  private final Rig rig = new Rig(BasicDispatcher::new);

  /** The System.Logger of a plain JDK ends here. Held, since java.util.logging does not hold it. */
  private final Logger logger = Logger.getLogger("dev.reveille");

  private final List<LogRecord> records = new CopyOnWriteArrayList<>();
  private final Handler recorder =
      new Handler() {
        @Override
        public void publish(LogRecord logRecord) {
          records.add(logRecord);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void record() {
    logger.addHandler(recorder);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void stopRecording() throws Exception {
    rig.close();
    logger.removeHandler(recorder);
    logger.setUseParentHandlers(true);
  }

  @Test
  void anInterruptIsReportedOnceARun() throws Exception {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withPollsPerTurn(1));
    Runnable interrupts = () -> Thread.currentThread().interrupt();
    boolean interrupted =
        rig.callElsewhere(
            () -> {
              for (int i = 0; i < 5; i++) {
                loop.post(interrupts);
              }
              loop.runUntilStalled();
              return Thread.interrupted();
            });

    assertThat(interrupted).isTrue();
    assertThat(records)
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.getLevel()).isEqualTo(Level.WARNING);
              assertThat(MessageFormat.format(r.getMessage(), r.getParameters()))
                  .contains("'elsewhere'")
                  .contains("'loop'")
                  .contains("stop()");
            });
  }

  @Test
  void byDefaultAFailureThatNobodyTakesIsLoggedAsAnErrorWithTheTasksName() {
    IllegalStateException failure = new IllegalStateException("expected by the test");
    try (RunnableDispatcher loop =
        new BasicDispatcher(DispatcherOptions.defaults().withName("main"))) {
      loop.spawn(
          "reader",
          cx -> {
            throw failure;
          });
      loop.runUntilStalled();
    }

    assertThat(records)
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.getLevel()).isEqualTo(Level.SEVERE);
              assertThat(r.getMessage()).contains("'reader'").contains("'main'");
              assertThat(r.getThrown()).isSameAs(failure);
            });
  }
}
