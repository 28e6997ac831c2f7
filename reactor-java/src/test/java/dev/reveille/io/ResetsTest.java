package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ResetsTest {
  @Test
  void theWordsThatAreLearnedAreThoseOfTheSystem() {
    // In whatever language this process is: the system's own words are recognised.
    assertThat(Resets.isBrokenPipe(new IOException(Resets.Learned.BROKEN_PIPE))).isTrue();
    assertThat(Resets.isReset(new IOException(Resets.Learned.RESET))).isTrue();
    assertThat(Resets.isReset(new IOException(Resets.Learned.BROKEN_PIPE))).isFalse();
    assertThat(Resets.isBrokenPipe(new IOException(Resets.Learned.RESET))).isFalse();
  }

  @Test
  void otherFailuresAreNoResets() {
    for (IOException other :
        new IOException[] {
          new IOException("Connection timed out"),
          new IOException("No route to host"),
          new IOException((String) null)
        }) {
      assertThat(Resets.isReset(other)).isFalse();
      assertThat(Resets.isBrokenPipe(other)).isFalse();
    }
  }
}
