package dev.reveille.samples.compat.tck;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.SubscriberPuppet;
import org.reactivestreams.tck.SubscriberWhiteboxVerification.WhiteboxSubscriberProbe;
import org.reactivestreams.tck.flow.FlowSubscriberWhiteboxVerification;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** The subscriber of a stream from a publisher, with a probe on each of its signals. */
public final class SubscriberWhiteboxTckTest extends FlowSubscriberWhiteboxVerification<Integer> {
  private final Subscribing way;
  private TckLoop loop;

  /**
   * Creates the test.
   *
   * @param way makes the stream whose subscriber this is
   */
  @Factory(dataProvider = "ways")
  public SubscriberWhiteboxTckTest(Subscribing way) {
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
  public Integer createElement(int element) {
    return element;
  }

  @Override
  protected Flow.Subscriber<Integer> createFlowSubscriber(WhiteboxSubscriberProbe<Integer> probe) {
    Consumption<Integer> consumption = new Consumption<>(loop.dispatcher, way);
    Flow.Subscriber<? super Integer> subscriber = consumption.subscriber;
    return new Flow.Subscriber<>() {
      @Override
      public void onSubscribe(Flow.Subscription subscription) {
        subscriber.onSubscribe(subscription);
        probe.registerOnSubscribe(
            new SubscriberPuppet() {
              @Override
              public void triggerRequest(long elements) {
                // The stream requests by itself, as soon as it has a subscription.
              }

              @Override
              public void signalCancel() {
                consumption.cancel();
              }
            });
      }

      @Override
      public void onNext(Integer element) {
        subscriber.onNext(element);
        probe.registerOnNext(element);
      }

      @Override
      public void onError(Throwable failure) {
        subscriber.onError(failure);
        probe.registerOnError(failure);
      }

      @Override
      public void onComplete() {
        subscriber.onComplete();
        probe.registerOnComplete();
      }
    };
  }
}
