package dev.reveille.samples.compat.tck;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** The kit against a publisher that knows no demand. Run by {@link TckTest} only. */
public final class BrokenPublisherKit extends FlowPublisherVerification<Long> {
  /** Creates the test. */
  public BrokenPublisherKit() {
    super(new TestEnvironment(50, 10, 5), 50);
  }

  @Override
  public Flow.Publisher<Long> createFlowPublisher(long elements) {
    return subscriber -> {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {}
          });
      for (long n = 0; n < Math.min(elements, 10); n++) {
        subscriber.onNext(n);
      }
      subscriber.onComplete();
    };
  }

  @Override
  public Flow.Publisher<Long> createFailedFlowPublisher() {
    return createFlowPublisher(0);
  }
}
