package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class BlockOwnerExampleTest {
  static final class Segments extends BlockOwner implements Executor {
    private final Dispatcher dispatcher;
    private final Executor afterClose;

    Segments(Dispatcher dispatcher, Executor afterClose) {
      super("segment");
      this.dispatcher = dispatcher;
      this.afterClose = afterClose;
    }

    @Override
    public void execute(Runnable segment) {
      dispatcher.post(this, segment);
    }

    @Override
    protected void giveBack(Runnable segment) {
      afterClose.execute(segment); // its finally blocks have to run, somewhere
    }
  }

  @Test
  void aSegmentThatTheLoopDidNotRunIsRunElsewhere() {
    List<String> onTheLoop = new ArrayList<>();
    List<Runnable> elsewhere = new ArrayList<>();
    Runnable second = () -> onTheLoop.add("second");
    Segments segments;
    try (var dispatcher = new BasicDispatcher()) {
      segments = dispatcher.service(Segments.class, d -> new Segments(d, elsewhere::add));
      segments.execute(() -> onTheLoop.add("first"));
      dispatcher.runToCompletion();
      segments.execute(second);
    }
    assertThat(onTheLoop).containsExactly("first");
    assertThat(elsewhere).containsExactly(second);
    assertThat(segments.blocksRun()).isEqualTo(1);
  }
}
