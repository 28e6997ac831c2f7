package dev.reveille.samples.compat.tck;

import dev.reveille.sync.PollStream;
import java.util.concurrent.Flow;
import java.util.stream.LongStream;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;

/**
 * The publisher of one stream, with operators in between. The rule about several subscribers is
 * verified by its letter: the second is refused, with {@code onError} after {@code onSubscribe}.
 */
public final class SinglePublisherTckTest extends FlowPublisherVerification<Long> {
  private TckLoop loop;

  /** Creates the test. */
  public SinglePublisherTckTest() {
    super(TckLoop.environment(), TckLoop.GC_MILLIS);
  }

  /** Starts the loop. */
  @BeforeClass
  public void startTheLoop() {
    loop = new TckLoop("single publisher");
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
    return PollStream.from(LongStream.range(0, 2 * Math.min(elements, 1L << 40))::iterator)
        .filter(n -> n % 2 == 0)
        .flatMap(3, PollStream::of)
        .take(elements)
        .asPublisher(loop.dispatcher);
  }

  /** Of one stream, which has a subscriber already. */
  @Override
  public Flow.Publisher<Long> createFailedFlowPublisher() {
    Flow.Publisher<Long> publisher = PollStream.of(1L).asPublisher(loop.dispatcher);
    publisher.subscribe(
        new Flow.Subscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(2);
          }

          @Override
          public void onNext(Long element) {}

          @Override
          public void onError(Throwable failure) {
            throw new AssertionError("the first subscriber is to be served", failure);
          }

          @Override
          public void onComplete() {}
        });
    return publisher;
  }
}
