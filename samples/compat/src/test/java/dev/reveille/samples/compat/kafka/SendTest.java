package dev.reveille.samples.compat.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.combine.Join;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sends that are acknowledged, fail, or are answered before {@code send} returns. */
final class SendTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void aSendIsReadyWhenTheBrokerAcknowledges() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(false)) {
      Ended<RecordMetadata> send = Ended.begun(loop, Sends.send(producer, "a"));
      assertThat(send.isDone()).isFalse();

      rig.elsewhere(producer::completeNext); // on the thread of Kafka's network

      assertThat(send.value().offset()).isZero();
      assertThat(producer.history()).containsExactly(Sends.record("a"));
    }
  }

  @Test
  void theErrorDecidesAlthoughMetadataComesWithIt() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(false)) {
      AtomicReference<RecordMetadata> toLegacyCode = new AtomicReference<>();
      producer.send(Sends.record("a"), (metadata, error) -> toLegacyCode.set(metadata));
      Ended<RecordMetadata> send = Ended.begun(loop, Sends.send(producer, "b"));

      TimeoutException failure = new TimeoutException("the broker is away");
      producer.errorNext(failure);
      producer.errorNext(failure);

      assertThat(toLegacyCode.get().offset()).as("looks like a value").isEqualTo(-1);
      assertThat(send.failure()).isSameAs(failure);
    }
  }

  @Test
  void anAnswerWithinSendIsAValueLikeAnyOtherAndReachesItsTaskOutsideOfTheProducersLock()
      throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(true)) {
      List<Boolean> locked = new ArrayList<>();
      producer.send(Sends.record("a"), (metadata, error) -> locked.add(Thread.holdsLock(producer)));

      Pollable<Long> offset =
          Pollables.map(
              Sends.send(producer, "b"),
              metadata -> {
                locked.add(Thread.holdsLock(producer));
                return metadata.offset();
              });

      assertThat(loop.runUntil(offset).value()).isEqualTo(1);
      assertThat(locked).as("the callback, then the task").containsExactly(true, false);
    }
  }

  @Test
  void aConsumerThatThrowsDoesNotEscapeIntoSend() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(true)) {
      IllegalStateException failure = new IllegalStateException("of the consumer");
      assertThatThrownBy(
              () ->
                  producer.send(
                      Sends.record("before the migration"),
                      (metadata, error) -> {
                        throw failure;
                      }))
          .isSameAs(failure);

      List<String> events = new ArrayList<>();
      Pollable<RecordMetadata> send =
          Callbacks.call(
              "send",
              c -> {
                producer.send(Sends.record("after it"), Sends.callback(c));
                events.add("send returned");
              });
      Ended<Object> consumer =
          Ended.begun(
              loop,
              Pollables.map(
                  send,
                  metadata -> {
                    events.add("the consumer throws");
                    throw failure;
                  }));

      assertThat(consumer.failure()).isSameAs(failure);
      assertThat(events).containsExactly("send returned", "the consumer throws");
      assertThat(loop.runUntil(Sends.send(producer, "next")).value().offset()).isEqualTo(2);
    }
  }

  @Test
  void whatSendThrowsFailsTheSendAsTheCallbackWould() throws Exception {
    MockProducer<String, String> producer = Sends.producer(false);
    TimeoutException failure = new TimeoutException("no metadata for 'topic'");
    producer.sendException = failure;
    assertThatThrownBy(() -> loop.runUntil(Sends.send(producer, "a"))).isSameAs(failure);
    producer.sendException = null;

    producer.close();
    assertThatThrownBy(() -> loop.runUntil(Sends.send(producer, "b")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void manySendsInFlightGetEachItsOwnAnswer() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(false)) {
      List<Pollable<RecordMetadata>> sends =
          IntStream.range(0, 1_000).mapToObj(i -> Sends.send(producer, "" + i)).toList();
      Ended<List<RecordMetadata>> all = Ended.begun(loop, Join.all(sends));

      rig.elsewhere(
          () -> {
            while (producer.completeNext()) {
              // all of them
            }
          });

      assertThat(all.value())
          .extracting(RecordMetadata::offset)
          .containsExactlyElementsOf(LongStream.range(0, 1_000).boxed().toList());
    }
  }

  @Test
  void aFlushOnTheLoopAnswersThePendingSendsWithinIt() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(false)) {
      Ended<RecordMetadata> first = Ended.begun(loop, Sends.send(producer, "a"));
      Ended<RecordMetadata> second = Ended.begun(loop, Sends.send(producer, "b"));

      loop.post(
          () -> {
            producer.flush(); // both callbacks run in here
            assertThat(first.isDone()).isFalse(); // and what they wake, after it
          });

      assertThat(first.value().offset()).isZero();
      assertThat(second.value().offset()).isEqualTo(1);
    }
  }
}
