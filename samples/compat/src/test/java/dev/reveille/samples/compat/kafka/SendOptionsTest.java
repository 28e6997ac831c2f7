package dev.reveille.samples.compat.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CallbackDiagnostics;
import dev.reveille.callback.CancelMode;
import dev.reveille.callback.LostCallbackException;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import dev.reveille.samples.compat.Heard;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.logging.Logger;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.NetworkException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A record that was sent can not be taken back: what giving up, and never hearing, come to. */
final class SendOptionsTest {
  private static final CallOptions<RecordMetadata> AWAITED =
      CallOptions.<RecordMetadata>defaults().withCancelMode(CancelMode.AWAIT_CALLBACK);

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Heard heard = Heard.on(loop);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private static Pollable<RecordMetadata> send(
      Producer<String, String> producer, CallOptions<RecordMetadata> options) {
    return Callbacks.call(
        "send", options, c -> producer.send(Sends.record("a"), Sends.callback(c)));
  }

  @Test
  void whatTheBrokerSaysAfterwardsIsLateAndNoMisuse() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(false)) {
      Ended<RecordMetadata> first = Ended.begun(loop, Sends.send(producer, "a"));
      Ended<RecordMetadata> second = Ended.begun(loop, Sends.send(producer, "b"));
      first.cancel();
      second.cancel();
      assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

      producer.completeNext();
      producer.errorNext(new NetworkException("too late, too"));

      assertThat(heard.words())
          .containsExactly("send CANCELLED", "send CANCELLED", "send late", "send late");
      assertThat(CallbackDiagnostics.of(loop).misuses("send")).isZero();
    }
  }

  @Test
  void aLoopThatMustNotEndBeforeItsRecordsAreAcknowledgedAwaitsTheCallback() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(false)) {
      Ended<RecordMetadata> send = Ended.begun(loop, send(producer, AWAITED));

      send.cancel();

      assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
      rig.elsewhere(producer::completeNext);
      assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    }
  }

  @Test
  void anAcknowledgementThatComesAfterTheTimeIsOverIsStillOneIfItIsAwaited() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(false)) {
      CallOptions<RecordMetadata> inTime = AWAITED.withTimeout(Duration.ofSeconds(30));
      Ended<RecordMetadata> acknowledged = Ended.begun(loop, send(producer, inTime));
      Ended<RecordMetadata> failed = Ended.begun(loop, send(producer, inTime));
      rig.advance(Duration.ofMinutes(1));
      assertThat(acknowledged.isDone()).isFalse();

      producer.completeNext();
      producer.errorNext(new NetworkException("a broker went away"));

      assertThat(acknowledged.value().offset()).isZero();
      assertThat(failed.failure()).isInstanceOf(TimeoutException.class);
      assertThat(heard.words()).containsExactly("send COMPLETED", "send TIMED_OUT");
    }
  }

  @Test
  void aSendThatTakesTooLongOnTheClockOfTheLoopFails() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(false)) {
      CallOptions<RecordMetadata> inTime =
          CallOptions.<RecordMetadata>defaults().withTimeout(Duration.ofSeconds(30));
      Ended<RecordMetadata> send = Ended.begun(loop, send(producer, inTime));

      rig.advance(Duration.ofSeconds(29));
      assertThat(send.isDone()).isFalse();
      rig.advance(Duration.ofSeconds(1));

      assertThat(send.failure()).isInstanceOf(TimeoutException.class);
      producer.completeNext();
      assertThat(heard.words()).containsExactly("send TIMED_OUT", "send late");
    }
  }

  @Test
  void aProducerThatIsClosedAndForgottenWithASendPendingFailsItByName() throws Exception {
    Logger log = Logger.getLogger("dev.reveille.callback");
    log.setFilter(record -> false); // the report is expected
    try {
      Ended<RecordMetadata> send = sendAndForget();

      Rig.collectGarbageUntil(() -> heard.count("LOST") == 1);

      assertThat(send.failure())
          .isInstanceOf(LostCallbackException.class)
          .hasMessageContaining("'send'");
      assertThat(heard.words()).containsExactly("send LOST", "send FAILED");
    } finally {
      log.setFilter(null);
    }
  }

  /** In a frame of its own, so that nothing here holds the producer. */
  private Ended<RecordMetadata> sendAndForget() {
    MockProducer<String, String> producer = Sends.producer(false);
    Ended<RecordMetadata> send = Ended.begun(loop, Sends.send(producer, "a"));
    producer.close(); // which calls no callback
    return send;
  }
}
