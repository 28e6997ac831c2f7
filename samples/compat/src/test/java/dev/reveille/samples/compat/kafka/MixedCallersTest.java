package dev.reveille.samples.compat.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.contract.Rig;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.NetworkException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** In the middle of a migration: old callers with callbacks and new tasks, on one producer. */
final class MixedCallersTest {
  private static final int SENDS = 2_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void everyCallerHearsOfEachOfItsSendsOnce() throws Exception {
    try (MockProducer<String, String> producer = Sends.producer(false)) {
      AtomicBoolean done = new AtomicBoolean();
      FutureTask<Integer> broker = rig.start("broker", () -> answer(producer, done));
      FutureTask<Integer> legacy = rig.start("legacy", () -> sendWithCallbacks(producer));
      SendingTask[] tasks = new SendingTask[4];
      for (int i = 0; i < tasks.length; i++) {
        tasks[i] = new SendingTask(producer);
        loop.post(tasks[i]);
      }
      loop.runToCompletion();

      int failed = Rig.await(legacy);
      done.set(true);
      for (SendingTask task : tasks) {
        assertThat(task.acknowledged + task.failed).isEqualTo(SENDS / tasks.length);
        failed += task.failed;
      }
      assertThat(Rig.await(broker)).as("failures that the broker told").isEqualTo(failed);
      assertThat(producer.history()).hasSize(2 * SENDS);
    }
  }

  /** Answers one after the other, one in four with a failure; gives the number of those. */
  private static int answer(MockProducer<String, String> producer, AtomicBoolean done) {
    SplittableRandom random = new SplittableRandom(20);
    NetworkException failure = new NetworkException("a broker went away");
    int failed = 0;
    while (!done.get()) {
      if (random.nextInt(4) == 0) {
        failed += producer.errorNext(failure) ? 1 : 0;
      } else {
        producer.completeNext();
      }
    }
    return failed;
  }

  private static int sendWithCallbacks(MockProducer<String, String> producer)
      throws InterruptedException {
    CountDownLatch answered = new CountDownLatch(SENDS);
    AtomicInteger failed = new AtomicInteger();
    for (int i = 0; i < SENDS; i++) {
      producer.send(
          Sends.record("legacy " + i),
          (metadata, error) -> {
            if (error != null) {
              failed.incrementAndGet();
            }
            answered.countDown();
          });
    }
    Rig.await(answered);
    return failed.get();
  }

  /** Sends one record after the other. */
  private static final class SendingTask extends Task {
    private final MockProducer<String, String> producer;
    private Pollable<RecordMetadata> send;
    int acknowledged;
    int failed;

    SendingTask(MockProducer<String, String> producer) {
      this.producer = producer;
      this.send = Sends.send(producer, "task 0");
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      while (acknowledged + failed < SENDS / 4) {
        try {
          if (send.poll(cx).isPending()) {
            return Poll.pending();
          }
          acknowledged++;
        } catch (NetworkException e) {
          failed++;
        }
        send = Sends.send(producer, "task " + (acknowledged + failed));
      }
      return Poll.ready();
    }

    @Override
    protected void cleanup() {
      send.cancel();
    }
  }
}
