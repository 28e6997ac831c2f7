package dev.reveille.samples.resp.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.samples.resp.protocol.ReplyBuffer;
import dev.reveille.samples.resp.protocol.Request;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the server knows of clients and tells about itself. */
class SessionTest {
  private final TestServer server = new TestServer();

  @Test
  void quitIsAnsweredAndThenTheConnectionIsClosed() {
    ReplyBuffer out = new ReplyBuffer();

    assertThat(server.execute("QUIT", out)).isEqualTo(Outcome.CLOSE);
    assertThat(TestServer.text(out)).isEqualTo("+OK");
  }

  @Test
  void aSubscriberMaySendFewCommands() {
    server.session.subscriptions(1);

    assertThat(server.reply("GET k"))
        .isEqualTo(
            "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT /"
                + " RESET are allowed in this context");
    assertThat(server.reply("PING")).isEqualTo("*2\r\n$4\r\npong\r\n$0\r\n");
    assertThat(server.reply("PING x")).isEqualTo("*2\r\n$4\r\npong\r\n$1\r\nx");
    assertThat(server.execute("UNSUBSCRIBE", new ReplyBuffer())).isEqualTo(Outcome.DELEGATED);

    server.session.subscriptions(0);
    assertThat(server.reply("GET k")).isEqualTo("$-1");
  }

  @Test
  void helloGreetsInResp2AndRefusesResp3() {
    assertThat(server.reply("HELLO 3")).isEqualTo("-NOPROTO unsupported protocol version");
    assertThat(server.reply("HELLO 2 AUTH default any SETNAME me"))
        .startsWith("*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n")
        .contains("$5\r\nproto\r\n:2\r\n")
        .endsWith("$7\r\nmodules\r\n*0");
    assertThat(server.session.name()).isEqualTo("me");
  }

  @Test
  void clientsAreListedWithTheirNamesAgesAndLastCommands() {
    Session other = server.sessions.open("127.0.0.1:50001", "127.0.0.1:6379");
    assertThat(other.id()).isNotEqualTo(server.session.id());
    server.reply("CLIENT SETNAME me");
    server.reply("CLIENT SETINFO LIB-NAME jedis");
    server.reply("CLIENT SETINFO lib-ver 8");
    server.now += 5_000;

    assertThat(server.reply("CLIENT LIST"))
        .contains("addr=127.0.0.1:50000", "name=me age=5 idle=0", "cmd=client|list", "resp=2")
        .contains("lib-name=jedis lib-ver=8", "addr=127.0.0.1:50001");
    server.sessions.close(other);
    assertThat(server.reply("CLIENT LIST")).doesNotContain("50001");
    assertThat(server.reply("CLIENT INFO")).contains("cmd=client|info");
    assertThat(server.reply("CLIENT ID")).isEqualTo(":" + server.session.id());
  }

  @Test
  void clientInfoMayNotBreakTheListing() {
    assertThat(server.reply("CLIENT SETINFO lib-foo x"))
        .isEqualTo("-ERR Unrecognized option 'lib-foo'");
    assertThat(server.executor.execute(server.session, spaced(), new ReplyBuffer()))
        .isEqualTo(Outcome.REPLIED);
    assertThat(server.reply("CLIENT LIST")).doesNotContain("a b");
  }

  @Test
  void infoHasTheSectionsThatAreAskedFor() {
    server.reply("SET k v EX 10");
    server.info.section("Loop", () -> Map.of("polls", "7"));

    assertThat(server.reply("INFO")).contains("# Server\r\nredis_version:7.0.15", "# Loop");
    assertThat(server.reply("INFO keyspace LOOP"))
        .contains("# Keyspace\r\ndb0:keys=1,expires=1,avg_ttl=0\r\n\r\n# Loop\r\npolls:7\r\n")
        .doesNotContain("# Server");
  }

  @Test
  void theCommandTableDescribesItself() {
    assertThat(server.reply("COMMAND COUNT"))
        .isEqualTo(":" + server.executor.commands().commands().size());
    assertThat(server.reply("COMMAND INFO get nosuch"))
        .startsWith(
            "*2\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n");
    assertThat(server.reply("COMMAND DOCS get")).contains("summary", "since", "group", "string");
    assertThat(server.reply("COMMAND LIST")).contains("blpop", "publish", "flushall");
    assertThat(server.reply("COMMAND")).contains("client|list");
  }

  private static Request spaced() {
    return Request.of("CLIENT", "SETINFO", "LIB-NAME", "a b");
  }
}
