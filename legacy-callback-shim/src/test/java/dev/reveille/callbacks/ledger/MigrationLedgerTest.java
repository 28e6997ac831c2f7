package dev.reveille.callbacks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callbacks.executors.DispatcherExecutorService;
import dev.reveille.contract.Rig;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** To which dispatchers a ledger is attached, and what their turns go to. */
class MigrationLedgerTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final RunnableDispatcher other = rig.dispatcher(options -> options.withName("other"));

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private static final class Owner extends BlockOwner {
    Owner(String kind) {
      super(kind);
    }

    @Override
    protected void giveBack(Runnable block) {}
  }

  private static LedgerSnapshot.Turns turns(MigrationLedger ledger) {
    return ledger.snapshot().turns().get(0);
  }

  @Test
  void turnsAreToldByWhatTheyWent() {
    try (MigrationLedger ledger = MigrationLedger.attach(loop)) {
      loop.post(() -> {});
      DispatcherExecutorService.of(loop).execute(() -> {});
      DispatcherExecutorService.of(loop).schedule(() -> {}, 0, TimeUnit.SECONDS);
      loop.spawn("task", cx -> Poll.ready());
      loop.post(new Owner("coroutine"), () -> {});
      loop.post(new Owner("actor"), () -> {});
      loop.runToCompletion();

      assertThat(turns(ledger)).isEqualTo(new LedgerSnapshot.Turns("loop", 3, 1, 1, 1));
      assertThat(turns(ledger).total()).isEqualTo(6);
      assertThat(turns(ledger).callbackPercent()).isEqualTo(50);
    }
  }

  @Test
  void onlyTurnsOfTheTimeInBetweenCount() {
    loop.post(() -> {});
    loop.runUntilStalled();
    MigrationLedger ledger = MigrationLedger.attach(loop);
    loop.post(() -> {});
    loop.runUntilStalled();
    assertThat(ledger.detach(loop)).isTrue();
    loop.post(() -> {});
    loop.runUntilStalled();
    assertThat(turns(ledger).callbacks()).isEqualTo(1);

    ledger.add(loop);
    loop.post(() -> {});
    loop.runUntilStalled();
    ledger.close();
    assertThat(turns(ledger).callbacks()).isEqualTo(2);
  }

  @Test
  void eachDispatcherHasItsLineInTheOrderOfAttachment() {
    try (MigrationLedger ledger = MigrationLedger.attach(other)) {
      ledger.add(loop);
      assertThat(ledger.snapshot().turns())
          .extracting(LedgerSnapshot.Turns::dispatcher)
          .containsExactly("other", "loop");
    }
  }

  @Test
  void aDispatcherHasOneLedgerAtATime() {
    MigrationLedger first = MigrationLedger.attach(loop);
    assertThatThrownBy(() -> MigrationLedger.attach(other, loop))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("dispatcher 'loop' has a ledger already; detach that one first");
    MigrationLedger second = MigrationLedger.attach(other); // the one that failed holds nothing
    assertThatThrownBy(() -> first.add(loop)).isInstanceOf(IllegalStateException.class);

    assertThat(first.detach(loop)).isTrue();
    second.add(loop);
    assertThat(second.snapshot().turns()).hasSize(2);
    second.close();
  }

  @Test
  void detachTellsWhetherItWasAttached() {
    MigrationLedger ledger = MigrationLedger.attach(loop);
    assertThat(ledger.detach(other)).isFalse();
    assertThat(ledger.detach(loop)).isTrue();
    assertThat(ledger.detach(loop)).isFalse();
  }

  @Test
  void theLedgerOfAnotherIsNotDetached() {
    MigrationLedger mine = MigrationLedger.attach(loop);
    MigrationLedger theirs = MigrationLedger.attach(other);
    assertThat(theirs.detach(loop)).isFalse();
    loop.post(() -> {});
    loop.runUntilStalled();
    assertThat(turns(mine).callbacks()).isEqualTo(1);
    mine.close();
    theirs.close();
  }

  @Test
  void aClosedLedgerCanBeReadButNotAttached() {
    MigrationLedger ledger = MigrationLedger.attach(loop);
    ledger.close();
    ledger.close();
    assertThat(ledger.snapshot().turns()).hasSize(1);
    assertThat(ledger).hasToString(ledger.report());
    assertThatThrownBy(() -> ledger.add(other))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the ledger is closed");
    MigrationLedger.attach(loop, other).close(); // both are free
  }

  @Test
  void aLedgerOfAClosedDispatcherStillTells() {
    MigrationLedger ledger = MigrationLedger.attach(loop);
    loop.post(() -> {});
    loop.runUntilStalled();
    loop.close();
    assertThat(turns(ledger).callbacks()).isEqualTo(1);
    ledger.close();
    assertThat(turns(ledger).callbacks()).isEqualTo(1);
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void nullIsRefused() {
    Dispatcher none = null;
    assertThatThrownBy(() -> MigrationLedger.attach(none)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> MigrationLedger.attach((Dispatcher[]) null))
        .isInstanceOf(NullPointerException.class);
  }
}
