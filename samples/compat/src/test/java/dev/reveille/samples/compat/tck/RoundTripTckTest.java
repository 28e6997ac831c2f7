package dev.reveille.samples.compat.tck;

import dev.reveille.BasicDispatcher;
import dev.reveille.sync.PollStream;
import dev.reveille.sync.Publishers;
import java.util.concurrent.Flow;
import java.util.stream.LongStream;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/** Both ways at once: a publisher, of a stream, from a publisher on another loop and thread. */
public final class RoundTripTckTest extends FlowPublisherVerification<Long> {
  private TckLoop source;
  private TckLoop target;

  /** Creates the test. */
  public RoundTripTckTest() {
    super(TckLoop.environment(), TckLoop.GC_MILLIS);
  }

  /** Starts the loops. */
  @BeforeClass
  public void startTheLoops() {
    source = new TckLoop("source");
    target = new TckLoop("target");
  }

  /**
   * Ends the loops, the one that cancels its subscriptions first.
   *
   * @throws InterruptedException if the test was interrupted
   */
  @AfterClass
  public void closeTheLoops() throws InterruptedException {
    target.close();
    source.close();
  }

  @Override
  public Flow.Publisher<Long> createFlowPublisher(long elements) {
    Flow.Publisher<Long> inner =
        Publishers.publisher(
            source.dispatcher, () -> PollStream.from(LongStream.range(0, elements)::iterator));
    return Publishers.publisher(target.dispatcher, () -> PollStream.from(inner, 8));
  }

  /** On a dispatcher that is closed. */
  @Override
  public Flow.Publisher<Long> createFailedFlowPublisher() {
    BasicDispatcher closed = new BasicDispatcher();
    closed.close();
    return Publishers.publisher(closed, () -> PollStream.of(1L));
  }
}
