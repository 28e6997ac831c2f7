package dev.reveille.samples.resp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyspaceTest {
  private static final Key K = Key.of("k");

  private long wall = 1000;
  private final List<String> changes = new ArrayList<>();
  private final Keyspace keyspace =
      new Keyspace(() -> wall, effect -> changes.add(effect.toString()));

  @Test
  void aKeyIsThereInTheMillisecondOfItsDeadlineAndGoneAfter() {
    setUntil(K, 1500);

    at(1500);
    assertThat(keyspace.get(K)).isNotNull();
    at(1501);
    assertThat(keyspace.get(K)).isNull();
  }

  @Test
  void timeStandsStillUntilItIsLetGoOn() {
    setUntil(K, 1500);
    assertThat(keyspace.get(K)).isNotNull();

    wall = 9999;
    assertThat(keyspace.get(K)).isNotNull();
    keyspace.advance();
    assertThat(keyspace.get(K)).isNull();
  }

  @Test
  void aKeyThatIsFoundExpiredIsReportedAsDeletedOnce() {
    setUntil(K, 1500);
    at(2000);

    assertThat(keyspace.get(K)).isNull();
    assertThat(keyspace.get(K)).isNull();

    assertThat(changes).containsExactly("\"DEL\" \"k\"");
    assertThat(keyspace.expiredKeys()).isEqualTo(1);
  }

  @Test
  void dueKeysAreRemovedOldestFirstAndTheNextDueTimeIsTold() {
    setUntil(Key.of("c"), 1300);
    setUntil(Key.of("a"), 1100);
    setUntil(Key.of("b"), 1200);
    assertThat(keyspace.nextDue()).isEqualTo(1101);

    at(1250);

    assertThat(keyspace.expireDue(10)).isEqualTo(1301);
    assertThat(changes).containsExactly("\"DEL\" \"a\"", "\"DEL\" \"b\"");
    at(1301);
    assertThat(keyspace.expireDue(10)).isEqualTo(Keyspace.NEVER);
    assertThat(keyspace.size()).isZero();
  }

  @Test
  void noMoreThanTheLimitIsRemovedAtATime() {
    for (int i = 0; i < 10; i++) {
      setUntil(Key.of("k" + i), 1100 + i);
    }
    at(5000);

    assertThat(keyspace.expireDue(4)).isEqualTo(1105);
    assertThat(keyspace.size()).isEqualTo(6);
  }

  @Test
  void settingAgainTakesTheDeadlineAwayUnlessItIsKept() {
    setUntil(K, 1500);
    keyspace.setKeepingDeadline(K, new StringValue(new byte[1]));
    assertThat(keyspace.deadline(K)).isEqualTo(1500);

    keyspace.set(K, new StringValue(new byte[1]));
    assertThat(keyspace.deadline(K)).isEqualTo(Keyspace.NEVER);
    assertThat(keyspace.sizeWithDeadline()).isZero();
  }

  @Test
  void duringAReplayNothingExpiresAndNothingIsReported() {
    setUntil(K, 1500);
    at(2000);

    keyspace.replay(
        () -> {
          assertThat(keyspace.get(K)).isNotNull();
          keyspace.listGrew(K);
        });

    assertThat(changes).isEmpty();
    assertThat(keyspace.get(K)).isNull();
  }

  @Test
  void expiredKeysMatchNoPattern() {
    setUntil(K, 1500);
    keyspace.set(Key.of("stays"), new StringValue(new byte[0]));
    at(2000);

    assertThat(keyspace.matching(new Glob(new byte[] {'*'}))).containsExactly(Key.of("stays"));
  }

  @Test
  void aDeadlineNeedsAKey() {
    assertThatThrownBy(() -> keyspace.setDeadline(K, 1)).hasMessageContaining("no such key: k");
  }

  private void setUntil(Key key, long deadline) {
    keyspace.set(key, new StringValue(new byte[0]));
    keyspace.setDeadline(key, deadline);
  }

  private void at(long time) {
    wall = time;
    keyspace.advance();
  }
}
