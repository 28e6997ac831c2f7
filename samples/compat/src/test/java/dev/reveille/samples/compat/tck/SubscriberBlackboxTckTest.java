package dev.reveille.samples.compat.tck;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** The subscriber of a stream from a publisher, seen from outside. */
public final class SubscriberBlackboxTckTest extends FlowSubscriberBlackboxVerification<Integer> {
  private final Subscribing way;
  private TckLoop loop;

  /**
   * Creates the test.
   *
   * @param way makes the stream whose subscriber this is
   */
  @Factory(dataProvider = "ways")
  public SubscriberBlackboxTckTest(Subscribing way) {
    super(TckLoop.environment());
    this.way = way;
  }

  /**
   * All ways to make a stream of a publisher.
   *
   * @return the arguments of the constructor
   */
  @DataProvider
  public static Object[][] ways() {
    return Subscribing.all();
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
    return (Flow.Subscriber<Integer>) new Consumption<Integer>(loop.dispatcher, way).subscriber;
  }

  @Override
  public Integer createElement(int element) {
    return element;
  }
}
