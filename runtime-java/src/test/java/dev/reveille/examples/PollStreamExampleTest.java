package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.MockTime;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Timer;
import dev.reveille.contract.Rig;
import dev.reveille.sync.AbstractPollStream;
import dev.reveille.sync.PollStream;
import dev.reveille.sync.Publishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The examples of PollStream, AbstractPollStream and Publishers. */
final class PollStreamExampleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void aChainOfOperators() throws Exception {
    List<String> lines = List.of(" one", "", "two ", "three", "four");

    Pollable<List<String>> head =
        PollStream.from(lines).filter(line -> !line.isBlank()).map(String::trim).take(3).toList();
    JoinHandle<List<String>> handle = dispatcher.spawn("head", head);

    dispatcher.runUntilStalled();
    assertThat(handle.toCompletableFuture().get()).containsExactly("one", "two", "three");
  }

  static final class Countdown extends AbstractPollStream<Integer> {
    private final Timer timer;
    private int left;

    Countdown(Dispatcher dispatcher, int from) {
      super("countdown");
      timer = new Timer(dispatcher);
      timer.reset(Duration.ofSeconds(1));
      left = from;
    }

    @Override
    protected Poll<@Nullable Integer> doPollNext(Context cx) {
      if (left == 0) {
        return end();
      }
      if (timer.poll(cx).isPending()) {
        return Poll.pending();
      }
      timer.reset(Duration.ofSeconds(1));
      return element(left--);
    }

    @Override
    protected void release() {
      timer.cancel();
    }
  }

  @Test
  void aStreamWrittenByHand() throws Exception {
    MockTime time = rig.time();
    JoinHandle<List<Integer>> handle = dispatcher.spawn(new Countdown(dispatcher, 3).toList());

    time.advance(Duration.ofSeconds(3));

    assertThat(handle.toCompletableFuture().get()).containsExactly(3, 2, 1);
  }

  @Test
  void aPublisher() {
    List<Object> signals = new ArrayList<>();
    Flow.Subscriber<Integer> subscriber =
        new Flow.Subscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
          }

          @Override
          public void onNext(Integer element) {
            signals.add(element);
          }

          @Override
          public void onError(Throwable failure) {
            signals.add(failure);
          }

          @Override
          public void onComplete() {
            signals.add("complete");
          }
        };

    Flow.Publisher<Integer> publisher =
        Publishers.publisher(dispatcher, () -> PollStream.of(1, 2, 3).map(n -> n * 10));
    publisher.subscribe(subscriber);

    dispatcher.runUntilStalled();
    assertThat(signals).containsExactly(10, 20, 30, "complete");
  }
}
