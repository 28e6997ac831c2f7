package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The wheel against a sorted set, and its corners one by one. */
class TimerWheelTest {
  private static final int SEQUENCES = 100;
  private static final int OPERATIONS = 1_500;

  /** A timer that knows when, in the order of all armings, it was armed. */
  private static final class Node extends TimerNode {
    final int id;
    long deadline;
    long armed;

    Node(int id) {
      this.id = id;
    }

    @Override
    void fire(Loop loop) {
      throw new AssertionError("fired by a loop that is not there");
    }

    @Override
    public String toString() {
      return "#" + id + "@" + deadline;
    }
  }

  /** What the wheel is to be: a set in the order (deadline, arming). */
  private static final class Reference {
    final TreeSet<Node> armed =
        new TreeSet<>(
            Comparator.<Node>comparingLong(n -> n.deadline).thenComparingLong(n -> n.armed));
    long armings;

    void arm(Node node, long deadline) {
      node.deadline = deadline;
      node.armed = armings++;
      armed.add(node);
    }

    Node pollDue(long now) {
      Node first = armed.isEmpty() ? null : armed.first();
      if (first == null || first.deadline > now || first.deadline == Nanos.NEVER) {
        return null;
      }
      armed.remove(first);
      return first;
    }

    long earliest() {
      return armed.isEmpty() ? Nanos.NEVER : armed.first().deadline;
    }
  }

  /** How far deadlines lie, and how far time jumps. */
  private enum Scale {
    /** Everything in the lowest two levels; many equal deadlines. */
    CLOSE(12, 12),
    /** What a program does: micro- to milliseconds, small steps. */
    USUAL(22, 18),
    /** Jumps longer than most deadlines. */
    SLUGGISH(16, 30),
    /** Years away, so that lone timers stay high up while time goes on below them. */
    FAR(60, 40),
    /** Any of it. */
    WILD(62, 62);

    final int deadlineBits;
    final int jumpBits;

    Scale(int deadlineBits, int jumpBits) {
      this.deadlineBits = deadlineBits;
      this.jumpBits = jumpBits;
    }
  }

  private final TimerWheel wheel = new TimerWheel();
  private final Reference reference = new Reference();
  private int nodes;

  @ParameterizedTest
  @EnumSource(Scale.class)
  void firesExactlyAsASortedSetWould(Scale scale) {
    for (int seed = 0; seed < SEQUENCES; seed++) {
      new Sequence(scale, seed).run();
    }
  }

  /** One random history of a wheel. A failure names scale and seed. */
  private static final class Sequence {
    private final String title;
    private final Scale scale;
    private final Random random;
    private final TimerWheel wheel = new TimerWheel();
    private final Reference reference = new Reference();
    private final List<Node> idle = new ArrayList<>();
    private long now;

    Sequence(Scale scale, int seed) {
      this.title = scale + ", seed " + seed;
      this.scale = scale;
      this.random = new Random(seed);
      int population = 1 + random.nextInt(200);
      for (int i = 0; i < population; i++) {
        idle.add(new Node(i));
      }
    }

    void run() {
      for (int i = 0; i < OPERATIONS; i++) {
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> arm();
          case 3 -> disarm();
          case 4 -> rearm();
          case 5, 6 -> pass(jump());
          default -> pass(untilEarliest());
        }
        check();
      }
      List<Node> left = new ArrayList<>(reference.armed);
      assertThat(wheel.disarmAll()).as(title).isEqualTo(left);
      assertThat(wheel.size()).as(title).isZero();
    }

    private void arm() {
      if (!idle.isEmpty()) {
        arm(idle.remove(random.nextInt(idle.size())));
      }
    }

    private void arm(Node node) {
      long deadline = deadline();
      reference.arm(node, deadline);
      wheel.arm(node, deadline);
    }

    private void disarm() {
      Node node = anyArmed();
      if (node != null) {
        disarm(node);
        idle.add(node);
      }
    }

    private void rearm() {
      Node node = anyArmed();
      if (node != null) {
        if (random.nextBoolean()) {
          disarm(node);
        } else {
          reference.armed.remove(node); // the wheel moves it
        }
        arm(node);
      }
    }

    private void disarm(Node node) {
      reference.armed.remove(node);
      wheel.disarm(node);
      assertThat(node.isArmed()).as(title).isFalse();
    }

    private Node anyArmed() {
      int skip = reference.armed.isEmpty() ? -1 : random.nextInt(reference.armed.size());
      return skip < 0 ? null : reference.armed.stream().skip(skip).findFirst().orElseThrow();
    }

    /** Whole passes only: nothing may be armed within one. */
    private void pass(long time) {
      now = time;
      for (; ; ) {
        Node expected = reference.pollDue(now);
        assertThat(wheel.pollDue(now)).as("%s, at %d", title, now).isSameAs(expected);
        if (expected == null) {
          return;
        }
        idle.add(expected);
      }
    }

    private void check() {
      long earliest = reference.earliest();
      assertThat(wheel.size()).as(title).isEqualTo(reference.armed.size());
      assertThat(wheel.earliest()).as("%s, at %d", title, now).isEqualTo(earliest);
      assertThat(wheel.nextWakeup()).as("%s, at %d", title, now).isLessThanOrEqualTo(earliest);
      for (long due : new long[] {deadline(), Nanos.add(earliest, 1), earliest, earliest - 1}) {
        assertThat(wheel.isBeforeAll(due)).as("%s, %d", title, due).isEqualTo(due < earliest);
      }
    }

    private long deadline() {
      return switch (random.nextInt(12)) {
        case 0 -> now - random.nextInt(1_000); // past
        case 1 -> now;
        case 2 -> Nanos.NEVER;
        case 3 -> Nanos.NEVER - 1 - random.nextInt(3);
        case 4, 5 -> { // equal to one that is armed
          Node other = anyArmed();
          yield other == null ? now : other.deadline;
        }
        case 6 -> { // the start of a slot, or beside it
          long slot = 1L << 6 * (1 + random.nextInt(9));
          yield Nanos.add((now / slot + 1 + random.nextInt(3)) * slot, random.nextInt(3) - 1);
        }
        default -> Nanos.add(now, magnitude(scale.deadlineBits));
      };
    }

    private long jump() {
      return Math.min(Nanos.add(now, magnitude(scale.jumpBits)), Nanos.NEVER - 1);
    }

    /** As the loop sleeps: to the next deadline or one short of it, unless that is out of scale. */
    private long untilEarliest() {
      long next = reference.earliest() - random.nextInt(2);
      return next > now && next - now < 1L << scale.jumpBits && next < Nanos.NEVER - 1
          ? next
          : jump();
    }

    /** Each magnitude is as likely as any other. */
    private long magnitude(int bits) {
      return random.nextLong() >>> (63 - random.nextInt(bits));
    }
  }

  // ------------------------------------------------------------------ one corner at a time

  private Node arm(long deadline) {
    Node node = new Node(nodes++);
    reference.arm(node, deadline);
    wheel.arm(node, deadline);
    return node;
  }

  private List<TimerNode> pass(long now) {
    List<TimerNode> fired = new ArrayList<>();
    for (TimerNode t = wheel.pollDue(now); t != null; t = wheel.pollDue(now)) {
      fired.add(t);
    }
    return fired;
  }

  @Test
  void anEmptyWheelHasNoNextDeadline() {
    assertThat(wheel.earliest()).isEqualTo(Nanos.NEVER);
    assertThat(wheel.nextWakeup()).isEqualTo(Nanos.NEVER);
    assertThat(wheel.pollDue(Nanos.NEVER)).isNull();
    assertThat(wheel.disarmAll()).isEmpty();
  }

  /**
   * A lone timer stands high up. Time passes within its slot. One that is armed now stands lower,
   * and must not be taken for the earlier one.
   */
  @Test
  void aLoneTimerIsNotOvertakenByALaterOneThatWasArmedCloserToIt() {
    Node lone = arm(100);
    assertThat(pass(70)).isEmpty();
    Node later = arm(105);

    assertThat(wheel.earliest()).isEqualTo(100);
    assertThat(wheel.nextWakeup()).isLessThanOrEqualTo(100);
    assertThat(pass(100)).containsExactly(lone);
    assertThat(pass(105)).containsExactly(later);
  }

  @Test
  void equalDeadlinesFireInArmingOrderAlsoWhenTimePassedBetweenTheArmings() {
    Node first = arm(100);
    assertThat(pass(70)).isEmpty();
    Node second = arm(100);
    assertThat(pass(99)).isEmpty();
    Node third = arm(100);

    assertThat(pass(100)).containsExactly(first, second, third);
  }

  static LongStream slotWidths() {
    return LongStream.rangeClosed(0, 10).map(level -> 1L << 6 * level);
  }

  @ParameterizedTest
  @MethodSource("slotWidths")
  void whatIsDueExactlyAtTheStartOfItsSlotFiresThenAndNotBefore(long width) {
    long start = 3 * width;
    Node second = arm(start + 1);
    Node first = arm(start);
    Node again = arm(start);

    assertThat(pass(start - 1)).isEmpty();
    assertThat(wheel.earliest()).isEqualTo(start);
    assertThat(pass(start)).containsExactly(first, again);
    assertThat(pass(start + 1)).containsExactly(second);
  }

  @ParameterizedTest
  @MethodSource("slotWidths")
  void theLastMomentOfASlotAndTheFirstOfTheNextAreToldApart(long width) {
    long boundary = 2 * width;
    Node after = arm(boundary);
    Node before = arm(boundary - 1);

    assertThat(pass(boundary - 1)).containsExactly(before);
    assertThat(pass(boundary)).containsExactly(after);
  }

  @ParameterizedTest
  @MethodSource("slotWidths")
  void aCrowdInOneSlotIsReachedByAFewEarlyWakeupsAndNoLateOne(long width) {
    Random random = new Random(width);
    long base = 5 * width;
    for (int i = 0; i < 300; i++) {
      arm(base + (width == 1 ? 0 : (random.nextLong() >>> 1) % width));
    }
    long due = reference.earliest();
    assertThat(wheel.earliest()).isEqualTo(due);

    int early = 0;
    for (long wakeup = wheel.nextWakeup(); wakeup < due; wakeup = wheel.nextWakeup()) {
      assertThat(pass(wakeup)).isEmpty();
      early++;
    }
    assertThat(early).as("early wake-ups").isLessThanOrEqualTo(10);
    assertThat(wheel.nextWakeup()).isEqualTo(due);

    List<TimerNode> expected = new ArrayList<>(reference.armed);
    assertThat(pass(base + width)).isEqualTo(expected);
  }

  @Test
  void aSmallCrowdIsSearchedSoTheLoopWakesOnce() {
    for (int i = 0; i < 64; i++) {
      arm(1_000_000 - i);
    }
    assertThat(wheel.nextWakeup()).isEqualTo(1_000_000 - 63);
  }

  @Test
  void whatIsArmedForThePastFiresNextAndFirstByItsDeadline() {
    arm(50);
    assertThat(pass(100)).hasSize(1);
    Node future = arm(101);
    Node late = arm(90);
    Node later = arm(80);
    Node now = arm(100);
    Node sameAsLate = arm(90);
    Node beforeTheOrigin = arm(-7);

    assertThat(wheel.earliest()).isEqualTo(-7);
    assertThat(wheel.nextWakeup()).isEqualTo(-7);
    assertThat(pass(100)).containsExactly(beforeTheOrigin, later, late, sameAsLate, now);
    assertThat(pass(101)).containsExactly(future);
  }

  @Test
  void overdueTimersCanBeDisarmed() {
    assertThat(pass(100)).isEmpty();
    Node head = arm(10);
    Node middle = arm(20);
    Node tail = arm(30);
    wheel.disarm(head);
    wheel.disarm(tail);

    assertThat(pass(100)).containsExactly(middle);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void neverIsArmedButNeitherFiresNorWakes() {
    Node never = arm(Nanos.NEVER);
    Node neverToo = arm(Nanos.NEVER);

    assertThat(never.isArmed()).isTrue();
    assertThat(wheel.size()).isEqualTo(2);
    assertThat(wheel.earliest()).isEqualTo(Nanos.NEVER);
    assertThat(wheel.nextWakeup()).isEqualTo(Nanos.NEVER);
    assertThat(pass(Nanos.NEVER)).isEmpty();
    assertThat(wheel.disarmAll()).containsExactly(never, neverToo);
    assertThat(wheel.size()).isZero();
  }

  @Test
  void theLastMomentBeforeNeverIsADeadlineLikeAnyOther() {
    Node last = arm(Nanos.NEVER - 1);
    Node beforeLast = arm(Nanos.NEVER - 2);

    assertThat(wheel.earliest()).isEqualTo(Nanos.NEVER - 2);
    assertThat(pass(Nanos.NEVER - 3)).isEmpty();
    assertThat(pass(Nanos.NEVER - 1)).containsExactly(beforeLast, last);
  }

  @Test
  void aDisarmedTimerIsGoneAtOnce() {
    Node gone = arm(10);
    Node stays = arm(20);
    wheel.disarm(gone);

    assertThat(gone.isArmed()).isFalse();
    assertThat(wheel.size()).isEqualTo(1);
    assertThat(wheel.earliest()).isEqualTo(20);
    assertThat(pass(30)).containsExactly(stays);
  }

  @Test
  void aTimerCanBeArmedAgainAfterItFired() {
    Node node = arm(10);
    assertThat(pass(10)).containsExactly(node);
    wheel.arm(node, 11);
    assertThat(pass(10)).isEmpty();
    assertThat(pass(11)).containsExactly(node);
  }

  @Test
  void aTimerThatIsMovedIsTheYoungestOfItsDeadline() {
    Node moved = arm(10);
    Node second = arm(10);
    Node third = arm(10);
    wheel.arm(moved, 10);
    wheel.arm(second, 10);

    assertThat(wheel.size()).isEqualTo(3);
    assertThat(pass(10)).containsExactly(third, moved, second);
  }

  /** Where it is alone, where it is not, for the past and for never. */
  @Test
  void aTimerCanBeMovedFromAnywhereToAnywhere() {
    assertThat(pass(1_000)).isEmpty();
    long[] deadlines = {1_001, 1_002, 2_000, 1L << 40, Nanos.NEVER - 1, Nanos.NEVER, 1_000, 7, -7};
    for (long from : deadlines) {
      for (long to : deadlines) {
        for (boolean company : new boolean[] {false, true}) {
          Node moved = new Node(nodes++);
          Node other = company ? new Node(nodes++) : null;
          wheel.arm(moved, from);
          if (other != null) {
            wheel.arm(other, from);
          }
          wheel.arm(moved, to);

          assertThat(wheel.size()).isEqualTo(company ? 2 : 1);
          assertThat(wheel.earliest()).isEqualTo(company ? Math.min(from, to) : to);
          wheel.disarm(moved);
          assertThat(wheel.earliest()).isEqualTo(company ? from : Nanos.NEVER);
          if (other != null) {
            wheel.disarm(other);
          }
          assertThat(wheel.size()).isZero();
        }
      }
    }
  }

  // ------------------------------------------------------------------ the table

  private static final long SECOND = 1_000_000_000;

  @Test
  void aWheelThatIsNotUsedHasNoTable() {
    assertThat(pass(100)).isEmpty();
    assertThat(wheel.timers.length).isZero();
  }

  @Test
  void numbersThatAreGivenBackAreUsedAgain() {
    List<Node> stay = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      stay.add(arm(1_000 + i));
    }
    for (int i = 0; i < 10_000; i++) {
      Node passing = new Node(nodes++);
      wheel.arm(passing, 2_000 + i);
      wheel.disarm(passing);
    }
    assertThat(wheel.timers.length).isEqualTo(16);
    assertThat(pass(2_000)).isEqualTo(stay);
  }

  /** Each is armed among others, fires or is disarmed, and is forgotten by all but the wheel. */
  private List<WeakReference<Node>> gone() {
    arm(5);
    Node fired = arm(10);
    Node disarmed = arm(20);
    Node cleared = arm(30);
    assertThat(pass(10)).hasSize(2);
    wheel.disarm(disarmed);
    wheel.clear();
    reference.armed.clear();
    arm(40);
    return List.of(
        new WeakReference<>(fired), new WeakReference<>(disarmed), new WeakReference<>(cleared));
  }

  @Test
  void whoFiredOrWasDisarmedIsNotHeld() {
    for (WeakReference<Node> node : gone()) {
      assertThat(Rig.collectGarbageUntil(() -> node.get() == null)).isTrue();
    }
    assertThat(wheel.size()).isEqualTo(1);
  }

  /** Armed, moved, disarmed and fired by tens of thousands, so that the table grows and shrinks. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aCrowdThatComesAndGoesFiresExactlyAsASortedSetWould(long seed) {
    Random random = new Random(seed);
    List<Node> idle = new ArrayList<>();
    for (int i = 0; i < 40_000; i++) {
      idle.add(new Node(nodes++));
    }
    long now = 0;
    int largest = 0;
    int shrunk = 0;
    for (int round = 0; round < 60; round++) {
      int crowd = 1 << random.nextInt(16);
      for (int i = 0; i < crowd && !idle.isEmpty(); i++) {
        Node node = idle.remove(idle.size() - 1);
        long deadline = now + random.nextInt(random.nextBoolean() ? 1_000 : 2_000_000_000);
        reference.arm(node, deadline);
        wheel.arm(node, deadline);
      }
      int left = random.nextInt(40);
      List<Node> armed = new ArrayList<>(reference.armed);
      Collections.shuffle(armed, random);
      for (int i = 0; i < armed.size(); i++) {
        Node node = armed.get(i);
        if (random.nextInt(40) > left) {
          reference.armed.remove(node);
          wheel.disarm(node);
          idle.add(node);
        } else if (random.nextInt(4) == 0) {
          reference.armed.remove(node);
          reference.arm(node, now + random.nextInt(3_000));
          wheel.arm(node, node.deadline);
        }
      }
      now += random.nextInt(2) == 0 ? random.nextInt(2_000) : random.nextInt(2_000_000_000);
      int before = wheel.timers.length;
      List<TimerNode> expected = new ArrayList<>();
      for (Node n = reference.pollDue(now); n != null; n = reference.pollDue(now)) {
        expected.add(n);
        idle.add(n);
      }
      assertThat(pass(now)).as("seed %d, round %d", seed, round).isEqualTo(expected);
      assertThat(wheel.size()).isEqualTo(reference.armed.size());
      assertThat(wheel.earliest()).isEqualTo(reference.earliest());
      shrunk += wheel.timers.length < before ? 1 : 0;
      largest = Math.max(largest, wheel.timers.length);
    }
    assertThat(wheel.disarmAll()).isEqualTo(new ArrayList<>(reference.armed));
    assertThat(largest).as("largest table").isGreaterThan(1 << 14);
    assertThat(shrunk).as("how often it shrank").isPositive();
  }

  @Test
  void theRoomOfACrowdIsGivenBackWhileOthersStayArmed() {
    List<TimerNode> stay = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      stay.add(arm(1_000 * SECOND + i));
      crowd(1_000);
    }
    assertThat(wheel.timers.length).isEqualTo(1 << 17);
    assertThat(pass(SECOND)).hasSize(100_000);
    for (int seconds = 2; seconds < 20; seconds++) {
      assertThat(pass(seconds * SECOND)).isEmpty();
    }
    assertThat(wheel.timers.length).isEqualTo(1 << 12);
    assertThat(wheel.size()).isEqualTo(100);
    assertThat(pass(1_001 * SECOND)).isEqualTo(stay);
  }

  @Test
  void aCrowdThatComesAgainAndAgainKeepsItsRoom() {
    for (long now = 0; now < 20 * SECOND; now += 2 * SECOND) {
      for (int i = 0; i < 10_000; i++) {
        wheel.arm(new Node(nodes++), now + SECOND + i);
      }
      assertThat(pass(now + SECOND)).hasSize(1);
      assertThat(pass(now + 2 * SECOND)).hasSize(9_999);
      assertThat(wheel.timers.length).isEqualTo(1 << 14);
    }
  }

  /** None of them is armed while the wheel looks, at the end of a pass. */
  @Test
  void aCrowdThatFiresInOnePassEachSecondKeepsItsRoom() {
    List<Node> crowd = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      crowd.add(new Node(nodes++));
    }
    for (long now = SECOND; now < 10 * SECOND; now += SECOND) {
      for (Node node : crowd) {
        wheel.arm(node, now);
      }
      assertThat(pass(now)).hasSize(10_000);
      assertThat(wheel.timers.length).isEqualTo(1 << 14);
    }
  }

  /** What a look has found long ago, of a table that is no more, says nothing about this one. */
  @Test
  void aTableThatHasShrunkAndGrownIsJudgedAnew() {
    crowd(10_000);
    assertThat(pass(SECOND)).hasSize(10_000);
    for (int seconds = 2; seconds < 10; seconds++) {
      assertThat(pass(seconds * SECOND)).isEmpty();
    }
    assertThat(wheel.timers.length).isEqualTo(1 << 12);
    crowd(10_000);
    assertThat(pass(11 * SECOND)).hasSize(10_000);
    assertThat(wheel.timers.length).isEqualTo(1 << 14);
  }

  private void crowd(int count) {
    for (int i = 0; i < count; i++) {
      wheel.arm(new Node(nodes++), 1_000 + i);
    }
  }

  @Test
  void clearDisarmsEverythingAndTheWheelCanBeUsedAgain() {
    crowd(10_000);
    Node overdue = arm(-1);
    Node never = arm(Nanos.NEVER);
    Node far = arm(1L << 50);
    wheel.clear();

    for (Node node : List.of(overdue, never, far)) {
      assertThat(node.isArmed()).isFalse();
    }
    assertThat(wheel.size()).isZero();
    assertThat(wheel.timers.length).isZero();
    assertThat(wheel.earliest()).isEqualTo(Nanos.NEVER);
    wheel.arm(never, 9_001);
    wheel.arm(far, 9_000);
    wheel.arm(overdue, -1);
    assertThat(pass(9_001)).containsExactly(overdue, far, never);
  }

  @Test
  void disarmAllReturnsTheOrderInWhichTheyWouldHaveFired() {
    Node never = arm(Nanos.NEVER);
    Node far = arm(1L << 50);
    Node near = arm(7);
    Node nearToo = arm(7);

    assertThat(wheel.disarmAll()).containsExactly(near, nearToo, far, never);
    assertThat(wheel.earliest()).isEqualTo(Nanos.NEVER);
  }
}
