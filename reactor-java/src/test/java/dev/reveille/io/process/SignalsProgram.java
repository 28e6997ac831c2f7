package dev.reveille.io.process;

import dev.reveille.BasicDispatcher;
import dev.reveille.sync.PollStream;
import java.util.concurrent.CountDownLatch;

/** A program to be killed: started by {@link SignalsProgramTest} in a JVM of its own. */
final class SignalsProgram {
  private SignalsProgram() {}

  /**
   * Runs it.
   *
   * @param args the signals to wait for; then it says so, and gives them back
   * @throws Exception what fails
   */
  public static void main(String[] args) throws Exception {
    Signal[] signals = new Signal[args.length];
    for (int i = 0; i < args.length; i++) {
      signals[i] = new Signal(args[i]);
    }
    try (var dispatcher = new BasicDispatcher()) {
      PollStream<Signal> stream;
      try {
        stream = Signals.on(dispatcher, signals);
      } catch (UnsupportedOperationException | IllegalArgumentException e) {
        System.out.println(e.getMessage());
        return;
      }
      System.out.println("ready");
      Signal first = dispatcher.runUntil(stream.first()).value();
      System.out.println("got " + first + ", and give it back");
    }
    new CountDownLatch(1).await();
  }
}
