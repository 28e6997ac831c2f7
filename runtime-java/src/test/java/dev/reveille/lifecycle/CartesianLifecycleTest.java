package dev.reveille.lifecycle;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.contract.Rig;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every way in which a stay on a dispatcher can end: what ends it, when, who waits, who does it,
 * and how the dispatcher is. Lifecycle bugs of the peers sit in the combinations: a task that is
 * woken while it runs and then deregistered stayed listed (pigweed 5e2fab3da), a cancel before the
 * first wait was lost (corosio 17fa5e5), frames abandoned by a shutdown were destroyed twice
 * (corosio #159), a re-post while starting to execute lost the dispatcher (pigweed 27ca08135).
 */
final class CartesianLifecycleTest {
  private static final int KINDS = 2;
  private static final int ENDINGS = 3;
  private static final int MOMENTS = 4;
  private static final int JOININGS = 4;
  private static final int ORIGINS = 3;
  private static final int HOSTS = 5;

  @Test
  void noCaseIsLeftOutAndThoseThatCanNotBeSayWhy() {
    List<Cell> cells = Cell.all();

    assertThat(cells)
        .hasSize(KINDS * ENDINGS * MOMENTS * JOININGS * ORIGINS * HOSTS)
        .hasSize(1440)
        .doesNotHaveDuplicates();
    assertThat(cells.stream().map(Cell::toString)).doesNotHaveDuplicates();
    assertThat(
            cells.stream()
                .map(Cell::impossible)
                .flatMap(Optional::stream)
                .collect(groupingBy(why -> why, counting())))
        .containsOnly(
            Map.entry("only a poll completes: it can not be before the first", 120L),
            Map.entry("only a task has an init() that can throw before the first poll", 60L));
  }

  /** One test a case; and at the end one about the garbage of all of them. */
  @TestFactory
  Stream<DynamicNode> everyStayEndsOnceAndInOrder() {
    List<Object> kept = new ArrayList<>();
    List<WeakReference<Pollable<?>>> ended = new ArrayList<>();
    Map<String, List<DynamicNode>> groups = new LinkedHashMap<>();
    for (Cell cell : Cell.all()) {
      groups
          .computeIfAbsent(
              cell.kind().words + " " + cell.ending().words + "; " + cell.host().words,
              name -> new ArrayList<>())
          .add(dynamicTest(cell.toString(), () -> play(cell, kept, ended)));
    }
    return Stream.concat(
        groups.entrySet().stream().map(g -> dynamicContainer(g.getKey(), g.getValue())),
        Stream.of(
            dynamicTest(
                "afterwards: their wakers and handles keep none of them alive",
                () -> checkGarbage(kept, ended))));
  }

  private static void play(Cell cell, List<Object> kept, List<WeakReference<Pollable<?>>> ended)
      throws Exception {
    try (Rig rig = new Rig(BasicDispatcher::new)) {
      Play play = new Play(cell, rig);
      play.play();
      ended.add(new WeakReference<>(play.subject().pollable()));
      Stream.of(Optional.ofNullable(play.handle()), Optional.ofNullable(play.subject().waker))
          .flatMap(Optional::stream)
          .forEach(kept::add);
    }
  }

  private static void checkGarbage(List<Object> kept, List<WeakReference<Pollable<?>>> ended) {
    assertThat(kept).isNotEmpty();
    assertThat(ended).isNotEmpty();
    assertThat(Rig.collectGarbageUntil(() -> ended.stream().allMatch(w -> w.get() == null)))
        .isTrue();
    assertThat(kept).doesNotContainNull(); // and so they are reachable up to here
  }
}
