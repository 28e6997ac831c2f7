package dev.reveille.samples.resp.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.samples.resp.protocol.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What goes into the journal: the effect of each command, in a form that needs no clock. */
class EffectsTest {
  private final TestServer server = new TestServer();

  @Test
  void readsLeaveNoTrace() {
    run("GET k", "MGET a b", "TTL k", "LRANGE l 0 -1", "KEYS *", "DBSIZE", "PING", "EXISTS k");

    assertThat(server.effects).isEmpty();
  }

  @Test
  void writesThatChangeNothingLeaveNoTrace() {
    run("DEL k", "SET k v XX", "EXPIRE k 10", "PERSIST k", "LPOP l", "RPOP l 3", "SET k v EX 0");

    assertThat(server.effects).isEmpty();
  }

  @Test
  void relativeTimesBecomeDeadlines() {
    run("SET k v EX 10", "SET k v PX 10", "SET k v EXAT 2000", "SET k v PXAT 1000500");
    run("EXPIRE k 20", "PEXPIRE k 20", "EXPIREAT k 3000");

    assertThat(server.effects)
        .containsExactly(
            "SET k v PXAT 1010000",
            "SET k v PXAT 1000010",
            "SET k v PXAT 2000000",
            "SET k v PXAT 1000500",
            "PEXPIREAT k 1020000",
            "PEXPIREAT k 1000020",
            "PEXPIREAT k 3000000");
  }

  @Test
  void conditionsAreDecided() {
    run("SET k v NX", "SET k w XX GET", "SET k x KEEPTTL", "GETSET k y", "EXPIRE k 100 NX");

    assertThat(server.effects)
        .containsExactly("SET k v", "SET k w", "SET k x KEEPTTL", "SET k y", "PEXPIREAT k 1100000");
  }

  @Test
  void aDeadlineThatHasPassedIsADeletion() {
    run("SET k v", "EXPIRE k -1");

    assertThat(server.effects).containsExactly("SET k v", "DEL k");
  }

  @Test
  void aKeyThatExpiredIsDeletedBeforeWhatComesNext() {
    run("SET n 5 PX 10");
    server.now += 11;
    run("INCR n");

    assertThat(server.effects).containsExactly("SET n 5 PXAT 1000010", "DEL n", "INCR n");
    assertThat(server.reply("GET n")).isEqualTo("$1\r\n1");
  }

  @Test
  void evenAReadReportsTheKeyThatItFoundExpired() {
    run("SET k v PX 10");
    server.now += 11;
    run("GET k");

    assertThat(server.effects).last().isEqualTo("DEL k");
  }

  @Test
  void whatIsDeterministicAsItIsIsReportedAsItIs() {
    run("MSET a 1 b 2", "INCRBY a 5", "APPEND b x", "RPUSH l 1 2 3", "LPOP l 2", "DEL a nope");

    assertThat(server.effects)
        .containsExactly(
            "MSET a 1 b 2", "INCRBY a 5", "APPEND b x", "RPUSH l 1 2 3", "LPOP l 2", "DEL a nope");
  }

  @Test
  void aReplayMakesTheSameKeyspaceAtAnyLaterTime() {
    for (int seed = 0; seed < 100; seed++) {
      TestServer original = new TestServer();
      List<Request> effects = new ArrayList<>();
      RandomCommands commands = new RandomCommands(new Random(seed));
      for (int i = 0; i < 300; i++) {
        original.reply(commands.next());
        original.now += i % 7;
      }
      original.effects.forEach(effect -> effects.add(TestServer.request(effect)));

      TestServer replayed = new TestServer();
      replayed.now = original.now + 50;
      effects.forEach(replayed.executor::replay);
      original.now += 50;

      assertThat(replayed.effects).as("a replay reports nothing").isEmpty();
      assertThat(contents(replayed)).as("seed %d", seed).isEqualTo(contents(original));
    }
  }

  @Test
  void aRecordThatIsNoChangeIsRefused() {
    assertThatThrownBy(() -> server.executor.replay(TestServer.request("GET k")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("changes nothing: \"GET\" \"k\"");
    assertThatThrownBy(() -> server.executor.replay(TestServer.request("INCRBY k x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not an integer");
  }

  private void run(String... commands) {
    for (String command : commands) {
      server.reply(command);
    }
  }

  private static List<String> contents(TestServer server) {
    List<String> contents = new ArrayList<>();
    for (String key : RandomCommands.KEYS) {
      contents.add(
          key + " " + server.reply("GET " + key) + server.reply("LRANGE " + key + " 0 -1"));
      contents.add(server.reply("PTTL " + key));
    }
    return contents;
  }
}
