package dev.reveille.samples.compat.tck;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** The subscriber of a stream from a publisher, seen from outside. */
public final class SubscriberBlackboxTckTest extends FlowSubscriberBlackboxVerification<Integer> {
  private final int prefetch;
  private TckLoop loop;

  /**
   * Creates the test.
   *
   * @param prefetch how many elements the stream asks for ahead
   */
  @Factory(dataProvider = "prefetches")
  public SubscriberBlackboxTckTest(int prefetch) {
    super(TckLoop.environment());
    this.prefetch = prefetch;
  }

  /**
   * One element at a time, an odd number, a power of two, and more than the kit ever signals.
   *
   * @return the arguments of the constructor
   */
  @DataProvider
  public static Object[][] prefetches() {
    return new Object[][] {{1}, {3}, {16}, {1_000}};
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
    return (Flow.Subscriber<Integer>)
        new Consumption<Integer>(loop.dispatcher, prefetch).subscriber;
  }

  @Override
  public Integer createElement(int element) {
    return element;
  }
}
