package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Ready with a value, or the one Pending. */
final class PollTest {

  @Test
  void readyHasItsValue() {
    Poll<String> poll = Poll.ready("value");

    assertThat(poll.isReady()).isTrue();
    assertThat(poll.isPending()).isFalse();
    assertThat(poll.value()).isEqualTo("value");
    assertThat(poll).isEqualTo(Poll.ready("value"));
  }

  @Test
  void readyWithoutContentIsShared() {
    assertThat(Poll.ready()).isSameAs(Poll.ready());
    assertThat(Poll.ready().isReady()).isTrue();
    assertThat(Poll.ready().value()).isEqualTo(Complete.COMPLETE);
  }

  @Test
  void readyMayHoldNull() {
    Poll<@Nullable String> poll = Poll.ready(null);

    assertThat(poll.isReady()).isTrue();
    assertThat(poll.value()).isNull();
  }

  @Test
  void pendingIsSharedAndHasNoValue() {
    Poll<String> poll = Poll.pending();

    assertThat(poll).isSameAs(Poll.<Integer>pending());
    assertThat(poll.isPending()).isTrue();
    assertThat(poll.isReady()).isFalse();
    assertThatThrownBy(poll::value)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("pending");
    assertThat(poll).hasToString("Pending");
  }

  @Test
  void mapGoesThroughTheFunctionWhenReadyAndOnlyThen() {
    assertThat(Poll.ready("value").map(String::length).value()).isEqualTo(5);
    assertThat(Poll.<String>pending().map(PollTest::unexpected).isPending()).isTrue();
  }

  private static Integer unexpected(String value) {
    throw new AssertionError("called with " + value);
  }
}
