package dev.reveille.samples.resp.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

class WorkloadTest {
  private final Tally tally = new Tally();

  @Test
  void anHonestServerGivesNoCauseForComplaint() throws Exception {
    play(new ModelActor(1, 1), 500, 0);
    play(new PipelineActor(1, 1), 20, 0);

    assertThat(tally.mismatches()).isEmpty();
    assertThat(tally.operations()).containsKeys(ModelActor.KIND, PipelineActor.KIND);
  }

  @Test
  void aLieIsFoundAndToldWithWhatWasSentAndExpected() throws Exception {
    play(new ModelActor(1, 1), 500, 10);
    assertThat(tally.mismatchCount()).isPositive();
    assertThat(tally.mismatches().get(0).toString())
        .startsWith("model-1 sent [GET, test:model-1:")
        .contains("]: expected ")
        .endsWith(", received a lie");

    long before = tally.mismatchCount();
    play(new PipelineActor(1, 1), 20, 10);
    assertThat(tally.mismatchCount()).isGreaterThan(before);
  }

  @Test
  void aLostKeyIsFound() throws Exception {
    play(new ExpiryActor(1), 1, 1);

    assertThat(tally.mismatchCount()).isPositive();
  }

  @Test
  void aReportIsGoodOnlyIfAllKindsOfClientsGotSomethingDone() {
    tally.expect("something");
    tally.count("something else", 3);
    assertThat(report().isGood()).isFalse();
    tally.count("something", 1);
    assertThat(report().isGood()).isTrue();
    assertThat(report().total()).isEqualTo(4);
    tally.check("client", "GET", 1L, 2L);
    assertThat(report().isGood()).isFalse();
  }

  @Test
  void withoutAServerThereIsNoWorkload() {
    // Nobody can listen on port 0.
    WorkloadOptions options = WorkloadOptions.on("127.0.0.1", 0);

    assertThatThrownBy(() -> new Workload(options).run(line -> {}))
        .isInstanceOf(JedisConnectionException.class);
  }

  /** Run by hand with {@code -Dredis.port=PORT}: the workload asks for nothing that Redis lacks. */
  @Test
  @EnabledIfSystemProperty(named = "redis.port", matches = "\\d+")
  void redisItselfPasses() throws Exception {
    WorkloadOptions options =
        WorkloadOptions.on("127.0.0.1", Integer.getInteger("redis.port"))
            .lasting(Duration.ofSeconds(3));
    List<String> progress = new ArrayList<>();

    WorkloadReport report = new Workload(options).run(progress::add);

    assertThat(report.mismatches()).isEmpty();
    assertThat(report.isGood()).as("%s", report).isTrue();
    assertThat(progress).isNotEmpty().allMatch(line -> line.contains("replies checked"));
  }

  private WorkloadReport report() {
    return new WorkloadReport(
        Duration.ofSeconds(1), tally.operations(), tally.mismatchCount(), tally.mismatches());
  }

  private void play(Actor actor, int rounds, int lieEvery) throws Exception {
    int[] left = {rounds};
    try (TinyServer server = new TinyServer(lieEvery);
        Jedis jedis = new Jedis("127.0.0.1", server.port())) {
      actor.play(jedis, new Stage("test:", tally, () -> left[0]-- <= 0));
    }
  }
}
