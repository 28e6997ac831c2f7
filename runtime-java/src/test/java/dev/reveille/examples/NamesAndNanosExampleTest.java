package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.MockTime;
import dev.reveille.Names;
import dev.reveille.Nanos;
import dev.reveille.TimedPost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamesAndNanosExampleTest {
  @Test
  void aCallbackIsNamedByTheClassThatItStandsIn() {
    Runnable callback = () -> {};
    assertThatThrownBy(
            () -> {
              throw new IllegalStateException("'" + Names.of(callback) + "' was called twice");
            })
        .hasMessage("'lambda in NamesAndNanosExampleTest' was called twice");
  }

  @Test
  void aDeadlineThatIsTooFarIsNever() {
    List<String> log = new ArrayList<>();
    Duration timeout = Duration.ofSeconds(Long.MAX_VALUE);
    MockTime time = new MockTime();
    try (var dispatcher = new BasicDispatcher(DispatcherOptions.defaults().withTicker(time))) {
      long deadline = Nanos.add(dispatcher.ticker().read(), Nanos.of(timeout));
      TimedPost late = dispatcher.postAt(deadline, () -> log.add("too late"));
      time.advance(Duration.ofDays(100_000));
      assertThat(late.isDone()).isFalse();
      assertThat(late.deadline()).isEqualTo(Nanos.NEVER);
    }
    assertThat(log).isEmpty();
  }
}
