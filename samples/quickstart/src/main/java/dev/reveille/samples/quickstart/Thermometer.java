package dev.reveille.samples.quickstart;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.function.DoubleSupplier;

// readme-kotlin: given
/** Java, that knows nothing of coroutines: a reading takes ten milliseconds. */
public final class Thermometer {
  private final Dispatcher dispatcher;
  private final DoubleSupplier sensor;

  public Thermometer(Dispatcher dispatcher, DoubleSupplier sensor) {
    this.dispatcher = dispatcher;
    this.sensor = sensor;
  }

  public Pollable<Double> read() {
    Timer settled = new Timer(dispatcher);
    return new Operation<>("read thermometer") {
      private boolean asked;

      @Override
      protected Poll<Double> doPoll(Context cx) {
        if (!asked) {
          asked = true;
          settled.reset(Duration.ofMillis(10));
        }
        return settled.poll(cx).isPending() ? Poll.pending() : Poll.ready(sensor.getAsDouble());
      }

      @Override
      protected void doCancel() {
        settled.cancel();
      }
    };
  }
}
// readme: end
