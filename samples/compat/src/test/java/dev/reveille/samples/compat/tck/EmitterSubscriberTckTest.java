package dev.reveille.samples.compat.tck;

import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** The subscriber of {@code Callbacks.subscribing}, which asks for everything. */
public final class EmitterSubscriberTckTest extends FlowSubscriberBlackboxVerification<Integer> {
  private TckLoop loop;

  /** Creates the test. */
  public EmitterSubscriberTckTest() {
    super(TckLoop.environment());
  }

  /** Starts the loop. */
  @BeforeClass
  public void startTheLoop() {
    loop = new TckLoop("subscriber");
  }

  /**
   * Ends the loop.
   *
   * @throws InterruptedException if the test was interrupted
   */
  @AfterClass
  public void closeTheLoop() throws InterruptedException {
    loop.close();
  }

  @Override
  @SuppressWarnings("unchecked") // a subscriber of more takes Integers too
  public Flow.Subscriber<Integer> createFlowSubscriber() {
    CompletableFuture<Flow.Subscriber<? super Integer>> captured = new CompletableFuture<>();
    PollStream<Integer> stream =
        Callbacks.stream(
            "elements", Overflow.unbounded(), Callbacks.<Integer>subscribing(captured::complete));
    loop.dispatcher
        .spawn(stream.forEach(element -> {}))
        .toCompletableFuture(); // joins: the failures that the kit signals are not uncaught
    return (Flow.Subscriber<Integer>) captured.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  public Integer createElement(int element) {
    return element;
  }
}
