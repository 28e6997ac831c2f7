package dev.reveille.samples.compat.tck;

import dev.reveille.sync.PollStream;
import dev.reveille.sync.Publishers;
import java.util.concurrent.Flow;
import java.util.stream.LongStream;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** The publisher of a stream that is always ready. */
public final class PublisherTckTest extends FlowPublisherVerification<Long> {
  private TckLoop loop;

  /** Creates the test. */
  public PublisherTckTest() {
    super(TckLoop.environment(), TckLoop.GC_MILLIS);
  }

  /** Starts the loop. */
  @BeforeClass
  public void startTheLoop() {
    loop = new TckLoop("publisher");
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
  public Flow.Publisher<Long> createFlowPublisher(long elements) {
    return Publishers.publisher(
        loop.dispatcher, () -> PollStream.from(LongStream.range(0, elements)::iterator));
  }

  /** Which has no stream to offer. */
  @Override
  public Flow.Publisher<Long> createFailedFlowPublisher() {
    return Publishers.publisher(
        loop.dispatcher,
        () -> {
          throw new IllegalStateException("on purpose");
        });
  }
}
