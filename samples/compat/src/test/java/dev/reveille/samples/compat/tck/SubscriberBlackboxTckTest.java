package dev.reveille.samples.compat.tck;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** The subscriber of a stream from a publisher, seen from outside. */
public final class SubscriberBlackboxTckTest extends FlowSubscriberBlackboxVerification<Integer> {
  private TckLoop loop;

  /** Creates the test. */
  public SubscriberBlackboxTckTest() {
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
    return (Flow.Subscriber<Integer>) new Consumption<Integer>(loop.dispatcher).subscriber;
  }

  @Override
  public Integer createElement(int element) {
    return element;
  }
}
