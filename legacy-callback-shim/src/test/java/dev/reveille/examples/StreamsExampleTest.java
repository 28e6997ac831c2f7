package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.Delivery;
import dev.reveille.callbacks.Readiness;
import dev.reveille.callbacks.Watch;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The examples of the multi-shot part of Callbacks, of Delivery, Readiness and Watch. */
final class StreamsExampleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ stream

  private record Message(String text) {}

  private static final class Subscription {
    boolean closed;

    void close() {
      closed = true;
    }
  }

  private static final class Topic {
    Consumer<Message> onMessage = message -> {};
    Runnable onEnd = () -> {};
    final Subscription subscription = new Subscription();

    Subscription subscribe(
        Consumer<Message> onMessage, Consumer<Throwable> onFailure, Runnable onEnd) {
      this.onMessage = onMessage;
      this.onEnd = onEnd;
      return subscription;
    }
  }

  private static PollStream<Message> messages(Topic topic) {
    PollStream<Message> messages =
        Callbacks.stream(
            "messages",
            Overflow.buffer(1_000),
            emitter -> {
              Subscription s =
                  topic.subscribe(emitter::next, emitter::fail, emitter::complete); // any thread
              return s::close; // at the end, at a failure, at a cancel
            });
    return messages;
  }

  @Test
  void aTopicBecomesAStream() throws Exception {
    Topic topic = new Topic();
    var all = dispatcher.spawn(messages(topic).toList()).toCompletableFuture();
    dispatcher.runUntilStalled();
    topic.onMessage.accept(new Message("one"));
    rig.elsewhere(
        () -> {
          topic.onMessage.accept(new Message("two"));
          topic.onEnd.run();
        });
    dispatcher.runUntilStalled();
    assertThat(all.get()).containsExactly(new Message("one"), new Message("two"));
    assertThat(topic.subscription.closed).isTrue();
  }

  @Test
  void aHotPublisherBecomesAStreamOfItsLatest() throws Exception {
    try (SubmissionPublisher<Double> sensor = new SubmissionPublisher<>(Runnable::run, 4)) {
      PollStream<Double> temperature =
          Callbacks.stream("temperature", Overflow.latest(), Callbacks.subscribing(sensor));

      var first = dispatcher.spawn(temperature.first()).toCompletableFuture();
      dispatcher.runUntilStalled();
      sensor.submit(20.5);
      sensor.submit(21.0);
      dispatcher.runUntilStalled();
      assertThat(first.get()).isEqualTo(21.0);
      assertThat(sensor.hasSubscribers()).isFalse();
    }
  }

  // ------------------------------------------------------------------ deliveries

  private static final class Socket {
    @Nullable Function<ByteBuffer, CompletionStage<?>> handler;
    boolean closed;

    void onMessage(Function<ByteBuffer, CompletionStage<?>> handler) {
      this.handler = handler;
    }

    void close() {
      closed = true;
    }
  }

  private final List<ByteBuffer> saved = new ArrayList<>();

  private void save(ByteBuffer buffer) {
    saved.add(buffer);
  }

  @Test
  void aSocketWaitsUntilItsBufferIsFree() {
    Socket socket = new Socket();
    PollStream<Delivery<ByteBuffer>> messages =
        Callbacks.deliveries(
            "messages",
            Overflow.unbounded(),
            emitter -> {
              socket.onMessage(buffer -> Callbacks.nextAwaiting(emitter, buffer));
              return socket::close;
            });
    Pollable<Complete> saved =
        messages.forEach(
            message -> {
              save(message.value());
              message.acknowledge(); // from here on the socket may use the buffer again
            });

    var handle = dispatcher.spawn(saved);
    dispatcher.runUntilStalled();
    assertThat(socket.handler).isNotNull();
    var free = socket.handler.apply(ByteBuffer.allocate(1)).toCompletableFuture();
    assertThat(free).isNotDone();
    dispatcher.runUntilStalled();
    assertThat(free).isCompleted();
    assertThat(this.saved).hasSize(1);
    handle.cancel();
    dispatcher.runUntilStalled();
    assertThat(socket.closed).isTrue();
  }

  // ------------------------------------------------------------------ readiness

  private static final class Sink {
    final List<String> written = new ArrayList<>();
    int room = 2;
    Runnable handler = () -> {};

    boolean isReady() {
      return room > 0;
    }

    void setOnReadyHandler(Runnable handler) {
      this.handler = handler;
    }

    void write(String chunk) {
      room--;
      written.add(chunk);
    }
  }

  @Test
  void aWriterThatDoesNotOverrunItsSink() {
    Sink sink = new Sink();
    Queue<String> chunks = new ArrayDeque<>(Arrays.asList("a", "b", "c"));
    Readiness ready = Callbacks.readiness("writable", sink::isReady, sink::setOnReadyHandler);
    dispatcher.spawn(
        "writer",
        cx -> {
          while (!chunks.isEmpty()) {
            if (ready.pollReady(cx).isPending()) {
              return Poll.pending();
            }
            sink.write(chunks.remove());
          }
          return Poll.ready();
        });
    dispatcher.runUntilStalled();
    assertThat(sink.written).containsExactly("a", "b");
    sink.room = 5;
    sink.handler.run();
    dispatcher.runUntilStalled();
    assertThat(sink.written).containsExactly("a", "b", "c");
  }

  // ------------------------------------------------------------------ watch

  private static final class Tree {
    interface Watcher {
      void process(String event);
    }

    String data = "old";
    @Nullable Watcher watcher;

    void getData(String path, Watcher watcher, Consumer<String> callback) {
      this.watcher = watcher;
      callback.accept(data);
    }

    void removeWatch(String path, Watcher watcher) {
      this.watcher = null;
    }
  }

  @Test
  void aNodeThatIsWatched() {
    Tree tree = new Tree();
    Watch<String> watch =
        (emitter, fired) -> {
          Tree.Watcher watcher = event -> fired.run();
          tree.getData("/node", watcher, emitter::next); // sets the watch, and reads behind it
          return () -> tree.removeWatch("/node", watcher);
        };
    PollStream<String> states = Callbacks.watch("/node", Overflow.latest(), watch);

    List<String> seen = new ArrayList<>();
    var handle = dispatcher.spawn(states.forEach(seen::add));
    dispatcher.runUntilStalled();
    tree.data = "new";
    assertThat(tree.watcher).isNotNull();
    tree.watcher.process("NodeDataChanged");
    dispatcher.runUntilStalled();
    assertThat(seen).containsExactly("old", "new");
    handle.cancel();
    dispatcher.runUntilStalled();
    assertThat(tree.watcher).isNull();
  }
}
