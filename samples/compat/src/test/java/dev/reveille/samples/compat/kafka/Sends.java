package dev.reveille.samples.compat.kafka;

import dev.reveille.Pollable;
import dev.reveille.callback.Completer;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.Shapes;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** The sends of a producer as pollables. A send that was begun can not be cancelled. */
final class Sends {
  private Sends() {}

  /** A producer without a broker; a test, or {@code send} itself, plays the answers. */
  static MockProducer<String, String> producer(boolean answersWithinSend) {
    return new MockProducer<>(
        answersWithinSend, null, new StringSerializer(), new StringSerializer());
  }

  static ProducerRecord<String, String> record(String value) {
    return new ProducerRecord<>("topic", value);
  }

  static Pollable<RecordMetadata> send(Producer<String, String> producer, String value) {
    return Callbacks.call("send", c -> producer.send(record(value), callback(c)));
  }

  /** The error decides: with it, too, there is metadata, of offset -1. */
  static Callback callback(Completer<RecordMetadata> completer) {
    return Shapes.<RecordMetadata, Exception>asBiConsumer(completer)::accept;
  }
}
