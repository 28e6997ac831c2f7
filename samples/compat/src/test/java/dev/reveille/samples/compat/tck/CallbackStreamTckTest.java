package dev.reveille.samples.compat.tck;

import dev.reveille.sync.Publishers;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/**
 * The publisher of a stream of callbacks, which come on foreign threads as fast as they are let:
 * the demand of the subscriber is what lets them.
 */
public final class CallbackStreamTckTest extends FlowPublisherVerification<Long> {
  private final boolean pausing;
  private TckLoop loop;
  private Feed feed;

  /**
   * Creates the test.
   *
   * @param pausing whether the feed is asked to pause, and not blocked
   */
  @Factory(dataProvider = "feeds")
  public CallbackStreamTckTest(boolean pausing) {
    super(TckLoop.environment(), TckLoop.GC_MILLIS);
    this.pausing = pausing;
  }

  /**
   * Both kinds of feed.
   *
   * @return the arguments of the constructor
   */
  @DataProvider
  public static Object[][] feeds() {
    return new Object[][] {{false}, {true}};
  }

  /** Starts the loop. */
  @BeforeClass
  public void start() {
    loop = new TckLoop("callback stream");
    feed = new Feed();
  }

  /**
   * Ends the loop, and by that the streams, and by that the feed.
   *
   * @throws InterruptedException if the test was interrupted
   */
  @AfterClass
  public void close() throws InterruptedException {
    loop.close();
    feed.close();
  }

  /** Each subscriber has a listener of its own. */
  @Override
  public Flow.Publisher<Long> createFlowPublisher(long elements) {
    return Publishers.publisher(
        loop.dispatcher, () -> pausing ? feed.pausing(elements) : feed.blocking(elements));
  }

  /**
   * Which has no stream to offer. A registrar that throws would not do: a listener is registered
   * when there is demand, and the kit wants to hear of the failure before.
   */
  @Override
  public Flow.Publisher<Long> createFailedFlowPublisher() {
    return Publishers.publisher(
        loop.dispatcher,
        () -> {
          throw new IllegalStateException("on purpose");
        });
  }
}
