package dev.reveille.callbacks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.LostCallbackException;
import dev.reveille.callback.Overflow;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a ledger tells of listeners that are streams. */
class LedgerOfStreamsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final MigrationLedger ledger = MigrationLedger.attach(loop);

  /** Held here as a legacy library would: an emitter that nobody holds is lost. */
  private final List<Emitter<String>> held = new ArrayList<>();

  private final List<String> heard = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private JoinHandle<Complete> listen(Overflow overflow) {
    PollStream<String> stream =
        Emitter.stream(
            "news",
            overflow,
            emitter -> {
              held.add(emitter);
              return () -> {};
            });
    JoinHandle<Complete> listening = loop.spawn(stream.forEach(heard::add));
    loop.runUntilStalled();
    return listening;
  }

  private LedgerSnapshot.Site news() {
    return ledger.snapshot().site("news");
  }

  @Test
  void aStreamIsOneCallAndEachElementAnEvent() {
    listen(Overflow.unbounded());
    assertThat(news().calls()).isEqualTo(1);
    rig.elsewhere(() -> held.get(0).next("one"));
    held.get(0).next("two");
    loop.runUntilStalled();
    assertThat(news().events()).isEqualTo(2);
    assertThat(news().inFlight()).isEqualTo(1);

    held.get(0).complete();
    loop.runUntilStalled();
    assertThat(heard).containsExactly("one", "two");
    assertThat(news().completed()).isEqualTo(1);
    assertThat(news().inFlight()).isZero();
  }

  @Test
  void whatFindsNoRoomIsDropped() {
    listen(Overflow.dropOldest(2));
    for (int i = 0; i < 5; i++) {
      held.get(0).next("element " + i);
    }
    loop.runUntilStalled();
    assertThat(heard).containsExactly("element 3", "element 4");
    assertThat(news().events()).isEqualTo(5);
    assertThat(news().dropped()).isEqualTo(3);
    assertThat(news().isMisused()).isFalse();
  }

  @Test
  void aStreamThatIsCancelledAndOneThatFails() {
    listen(Overflow.unbounded()).cancel();
    loop.runUntilStalled();
    assertThat(news().cancelled()).isEqualTo(1);

    listen(Overflow.unbounded());
    held.get(1).fail(new IllegalStateException("gone"));
    loop.runUntilStalled();
    assertThat(news().failed()).isEqualTo(1);
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void anElementAfterTheCancelIsLate() {
    listen(Overflow.unbounded()).cancel();
    loop.runUntilStalled();
    held.get(0).next("for nobody");
    assertThat(news().late()).isEqualTo(1);
  }

  @Test
  void aStreamIsInFlightAsLongAsItLives() {
    listen(Overflow.unbounded());
    rig.time().advance(Duration.ofHours(2));
    assertThat(news().oldest()).isEqualTo(Duration.ofHours(2));
  }

  @Test
  void aLostEmitterIsTold() {
    listen(Overflow.unbounded());
    held.clear();
    assertThat(Rig.collectGarbageUntil(() -> news().lost() == 1)).isTrue();
    loop.runUntilStalled();
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).isInstanceOf(LostCallbackException.class));
    assertThat(news().failed()).isEqualTo(1);
    assertThat(news().isMisused()).isTrue();
  }
}
