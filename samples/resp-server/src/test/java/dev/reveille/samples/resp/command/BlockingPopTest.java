package dev.reveille.samples.resp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.samples.resp.protocol.ReplyBuffer;
import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.ListEnd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hooks for BLPOP and BRPOP; the waiting itself is done elsewhere. */
class BlockingPopTest {
  private final TestServer server = new TestServer();
  private final ReplyBuffer out = new ReplyBuffer();

  @Test
  void theExecutorHandsBlockingCommandsBackUndone() {
    assertThat(server.execute("BLPOP l 0", out)).isEqualTo(Outcome.DELEGATED);
    assertThat(out.isEmpty()).isTrue();
  }

  @Test
  void theFirstListThatHasAnElementIsPopped() throws Exception {
    server.reply("RPUSH second 1 2");
    server.reply("RPUSH third 3");

    assertThat(server.executor.popNow(pop("BRPOP first second third 0"), out)).isTrue();

    assertThat(TestServer.text(out)).isEqualTo("*2\r\n$6\r\nsecond\r\n$1\r\n2");
    assertThat(server.effects).last().isEqualTo("RPOP second");
  }

  @Test
  void thereIsSomethingToWaitForIfAllAreEmpty() throws Exception {
    assertThat(server.executor.popNow(pop("BLPOP a b 0"), out)).isFalse();
    assertThat(out.isEmpty()).isTrue();
  }

  @Test
  void aKeyOfAnotherTypeThatComesFirstIsAnError() {
    server.reply("SET a x");
    server.reply("RPUSH b 1");

    assertThatThrownBy(() -> server.executor.popNow(pop("BLPOP a b 0"), out))
        .hasMessageStartingWith("WRONGTYPE");
  }

  @Test
  void aWaitingClientIsServedWhenItsListHasGrown() {
    server.reply("RPUSH l 1 2");
    assertThat(server.grownLists).containsExactly("l");

    assertThat(server.executor.popFor(Key.of("l"), ListEnd.LEFT, out)).isTrue();
    assertThat(server.executor.popFor(Key.of("l"), ListEnd.LEFT, out)).isTrue();
    assertThat(server.executor.popFor(Key.of("l"), ListEnd.LEFT, out)).isFalse();

    assertThat(TestServer.text(out))
        .isEqualTo("*2\r\n$1\r\nl\r\n$1\r\n1\r\n*2\r\n$1\r\nl\r\n$1\r\n2");
    assertThat(server.effects).containsExactly("RPUSH l 1 2", "LPOP l", "LPOP l");
    assertThat(server.reply("EXISTS l")).isEqualTo(":0");
  }

  @Test
  void aWaitingClientWaitsOnWhileItsKeyIsOfAnotherType() {
    server.reply("SET l x");

    assertThat(server.executor.popFor(Key.of("l"), ListEnd.LEFT, out)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0.0,0", "1,1000", "0.001,1", "0.0001,1", "1.1,1100", "1e1,10000", ".5,500"})
  void timeoutsAreSecondsRoundedUpToMilliseconds(String text, long millis) throws Exception {
    assertThat(pop("BLPOP k " + text).timeoutMillis()).isEqualTo(millis);
  }

  @ParameterizedTest
  @CsvSource({
    "x, timeout is not a float or out of range",
    "1s, timeout is not a float or out of range",
    "nan, timeout is not a float or out of range",
    "-1, timeout is negative",
    "-inf, timeout is negative",
    "inf, timeout is out of range",
    "1e40, timeout is out of range",
    "9223372036854775, timeout is out of range"
  })
  void whatIsNoTimeoutIsRefused(String text, String error) {
    assertThatThrownBy(() -> pop("BLPOP k " + text)).hasMessage("ERR " + error);
  }

  private BlockingPop pop(String command) throws CommandError {
    return BlockingPop.parse(TestServer.request(command), server.now);
  }
}
