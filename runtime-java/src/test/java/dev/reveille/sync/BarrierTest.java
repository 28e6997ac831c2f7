package dev.reveille.sync;

import static dev.reveille.sync.Barrier.Role.FOLLOWER;
import static dev.reveille.sync.Barrier.Role.LEADER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.tuple;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Rig;
import dev.reveille.sync.Barrier.Party;
import dev.reveille.sync.Barrier.Role;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parties that wait for each other, generation after generation. */
final class BarrierTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private JoinHandle<Role> arrive(Barrier barrier, String name) {
    JoinHandle<Role> handle = loop.spawn(name, barrier.await());
    loop.runUntilStalled();
    return handle;
  }

  private Role roleOf(JoinHandle<Role> handle) throws Exception {
    assertThat(handle.isDone()).isTrue();
    return loop.runUntil(handle.join()).value();
  }

  @Test
  void nobodyGoesOnBeforeAllHaveComeAndOneOfThemLeads() throws Exception {
    Barrier barrier = new Barrier(3);
    List<JoinHandle<Role>> handles = new ArrayList<>();
    handles.add(arrive(barrier, "a"));
    handles.add(arrive(barrier, "b"));
    assertThat(handles).noneMatch(JoinHandle::isDone);
    assertThat(barrier.arrived()).isEqualTo(2);

    handles.add(arrive(barrier, "c"));

    List<Role> roles = new ArrayList<>();
    for (JoinHandle<Role> handle : handles) {
      roles.add(roleOf(handle));
    }
    assertThat(roles).containsExactlyInAnyOrder(LEADER, FOLLOWER, FOLLOWER);
    assertThat(barrier.arrived()).isZero();
  }

  @Test
  void itCanBeUsedAgainAndEachGenerationHasItsLeader() throws Exception {
    Barrier barrier = new Barrier("start", 2);
    for (int i = 0; i < 5; i++) {
      JoinHandle<Role> a = arrive(barrier, "a");
      JoinHandle<Role> b = arrive(barrier, "b");
      assertThat(List.of(roleOf(a), roleOf(b))).containsExactlyInAnyOrder(LEADER, FOLLOWER);
    }
    assertThat(barrier).hasToString("Barrier['start', 0 of 2 arrived, 5 generations complete]");
  }

  @Test
  void aPartyOfItsOwnLeadsAtOnce() throws Exception {
    assertThat(roleOf(arrive(new Barrier(1), "a"))).isEqualTo(LEADER);
  }

  @Test
  void aPartyThatArrivesAgainIsInTheNextGenerationWhileOthersHaveNotLookedYet() throws Exception {
    Barrier barrier = new Barrier(2);
    Party fast = barrier.party();
    Party slow = barrier.party();
    HandPolled a = new HandPolled(loop, "a");
    HandPolled b = new HandPolled(loop, "b");
    a.call(slow::pollAwait);
    assertThat(b.call(fast::pollAwait).value()).isEqualTo(LEADER);
    assertThat(b.call(fast::pollAwait).isPending()).isTrue();

    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(a.call(slow::pollAwait).value()).isEqualTo(FOLLOWER);
    assertThat(a.call(slow::pollAwait).value()).as("of the next generation").isEqualTo(LEADER);
    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(b.call(fast::pollAwait).value()).isEqualTo(FOLLOWER);
  }

  @Test
  void pollingAgainWhileWaitingCountsOnce() throws Exception {
    Barrier barrier = new Barrier(3);
    Party party = barrier.party();
    HandPolled a = new HandPolled(loop, "a");
    for (int i = 0; i < 5; i++) {
      assertThat(a.call(party::pollAwait).isPending()).isTrue();
    }
    assertThat(barrier.arrived()).isEqualTo(1);
  }

  @Test
  void aPartyThatIsCancelledLeavesAndItsPlaceIsFreeAgain() throws Exception {
    Barrier barrier = new Barrier(2);
    JoinHandle<Role> a = arrive(barrier, "a");
    a.cancel();
    loop.runUntilStalled();
    assertThat(barrier.arrived()).isZero();

    JoinHandle<Role> b = arrive(barrier, "b");
    assertThat(b.isDone()).isFalse();
    JoinHandle<Role> c = arrive(barrier, "c");

    assertThat(List.of(roleOf(b), roleOf(c))).containsExactlyInAnyOrder(LEADER, FOLLOWER);
  }

  @Test
  void aPartyThatIsCancelledAfterItsGenerationWasCompleteHasCounted() throws Exception {
    Barrier barrier = new Barrier(2);
    JoinHandle<Role> a = arrive(barrier, "a");
    HandPolled b = new HandPolled(loop, "b");
    Party party = barrier.party();

    Role role =
        b.call(
            cx -> { // a is woken, and cancelled before it can look
              Role mine = party.pollAwait(cx).value();
              a.cancel();
              return mine;
            });

    assertThat(role).isEqualTo(LEADER);
    assertThat(a.toString()).contains("cancelled");
    assertThat(a.isDone()).isTrue();
    assertThat(barrier.arrived()).isZero();
    assertThat(b.call(party::pollAwait).isPending()).as("the next generation").isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whoeverLeavesACompleteGenerationTheOthersHaveOneLeader(int leaver) throws Exception {
    Barrier barrier = new Barrier(3);
    RunnableDispatcher tight = rig.dispatcher(options -> options.withBudget(1));
    List<Party> parties = List.of(barrier.party(), barrier.party(), barrier.party());
    HandPolled task = new HandPolled(tight, "out of budget");
    task.call(
        cx -> {
          cx.tryProceed();
          parties.forEach(party -> assertThat(party.pollAwait(cx).isPending()).isTrue());
          return "all have arrived, and nobody could look";
        });
    assertThat(barrier.arrived()).isZero();

    parties.get(leaver).close();

    List<Role> roles = new ArrayList<>();
    for (Party party : parties) {
      if (party != parties.get(leaver)) {
        roles.add(task.call(party::pollAwait).value());
      }
    }
    assertThat(roles).containsExactlyInAnyOrder(LEADER, FOLLOWER);
  }

  @Test
  void closingAPartyIsIdempotentAndItMayArriveAgain() throws Exception {
    Barrier barrier = new Barrier(2);
    Party party = barrier.party();
    HandPolled a = new HandPolled(loop, "a");
    a.call(party::pollAwait);
    party.close();
    party.close();
    assertThat(barrier.arrived()).isZero();
    a.call(party::pollAwait);
    assertThat(barrier.arrived()).isEqualTo(1);
  }

  @Test
  void itSaysWhatIsWaitedFor() {
    arrive(new Barrier("start", 2), "a");
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::name, TaskSnapshot::waitReason)
        .containsExactly(tuple("a", "the others at 'start'"));
  }

  @Test
  void nonsenseIsRefusedAtTheCall() {
    for (int n : new int[] {0, -1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Barrier(n))
          .withMessageContaining("at least one");
    }
    assertThatNullPointerException().isThrownBy(() -> new Barrier(null, 1));
    assertThatNullPointerException().isThrownBy(() -> new Barrier(2).blockingAwait(null));
  }
}
