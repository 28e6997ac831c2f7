package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What all combinators have in common. */
final class EveryCombinatorTest {
  /** Each with two children where it has so many, of which the second has failed or not ended. */
  enum Kind {
    JOIN(two -> Join.all(two), 2),
    JOIN_BOTH(two -> Join.both(two.get(0), two.get(1), (a, b) -> a + b), 2),
    SELECT(two -> Select.of(two), 2),
    RACE(two -> Pollables.race(two), 2),
    FIRST_SUCCESS(two -> Pollables.firstSuccess(two), 2),
    TIMEOUT(two -> Timeout.after(Duration.ofSeconds(1), two.get(0)), 1),
    MAP(two -> Pollables.map(two.get(0), v -> v), 1),
    THEN(two -> Pollables.then(two.get(0), v -> two.get(1)), 1),
    RECOVER(two -> Pollables.recover(two.get(0), IOException.class, e -> two.get(1)), 1),
    CLEANUP(two -> Pollables.withCleanup(two.get(0), () -> {}), 1),
    DEFER(two -> Pollables.defer(() -> two.get(0)), 1),
    RETRY(two -> Retry.of(RetryPolicy.defaults()).run(() -> two.get(0)), 1);

    final Function<List<Probe<String>>, Operation<?>> make;
    final int children;

    Kind(Function<List<Probe<String>>, Operation<?>> make, int children) {
      this.make = make;
      this.children = children;
    }
  }

  private final Bench bench = new Bench();
  private final List<Probe<String>> two =
      List.of(Probe.<String>pending("one"), Probe.<String>pending("two"));

  @AfterEach
  void closeTheBench() throws Exception {
    bench.close();
  }

  /** Polls once, in a task that goes on. */
  private void pollOnce(Operation<?> operation) {
    bench.loop.spawn(
        cx -> {
          assertThat(operation.poll(cx).isPending()).isTrue();
          return cx.park();
        });
    bench.run();
  }

  private Throwable pollAgain(Operation<?> operation) {
    List<Throwable> thrown = new ArrayList<>();
    bench.start(
        cx -> {
          try {
            operation.poll(cx);
          } catch (IllegalStateException e) {
            thrown.add(e);
          }
          return Poll.ready();
        });
    assertThat(thrown).hasSize(1);
    return thrown.get(0);
  }

  @ParameterizedTest
  @EnumSource
  void itsCancelReachesEveryUnfinishedChildOnce(Kind kind) {
    Operation<?> operation = kind.make.apply(two);
    pollOnce(operation);

    operation.cancel();
    operation.cancel();

    assertThat(two.subList(0, kind.children)).allMatch(child -> child.cancels == 1);
    assertThat(two.subList(kind.children, 2)).allMatch(child -> child.cancels == 0);
  }

  @ParameterizedTest
  @EnumSource
  void aCancelBeforeTheFirstPollReachesTheChildrenThatItHas(Kind kind) {
    Operation<?> operation = kind.make.apply(two);

    operation.cancel();

    boolean makesThemItself = kind == Kind.DEFER || kind == Kind.RETRY;
    assertThat(two.subList(0, kind.children))
        .allMatch(child -> child.cancels == (makesThemItself ? 0 : 1));
  }

  @ParameterizedTest
  @EnumSource
  void aChildWhoseCancelThrowsKeepsNoOtherFromBeingCancelled(Kind kind) {
    IllegalStateException one = new IllegalStateException("one");
    IllegalStateException other = new IllegalStateException("two");
    two.get(0).whoseCancelThrows(one);
    two.get(1).whoseCancelThrows(other);
    Operation<?> operation = kind.make.apply(two);
    pollOnce(operation);

    assertThatThrownBy(operation::cancel).isSameAs(one);

    assertThat(one.getSuppressed()).hasSize(kind.children - 1);
    assertThatCode(operation::cancel).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource
  void afterItsEndItRefusesToBePolledByName(Kind kind) {
    Operation<?> operation = kind.make.apply(two);
    operation.cancel();

    assertThat(pollAgain(operation))
        .hasMessageContaining("'" + operation.name() + "'")
        .hasMessageContaining("was cancelled");
  }

  @ParameterizedTest
  @EnumSource
  void whilePendingItMayBePolledAgain(Kind kind) {
    Operation<?> operation = kind.make.apply(two);
    Bench.Running<?> running =
        bench.start(
            cx -> {
              operation.poll(cx);
              operation.poll(cx);
              return operation.poll(cx);
            });
    two.get(0).waker.wake();
    bench.run();

    assertThat(running.isDone()).isFalse();
    assertThat(two.get(0).polls).isEqualTo(6);
    assertThat(two.get(0).cancels).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aChildThatIsPendingWithoutAWakerIsNamedAndCancelled(Kind kind) {
    int[] cancels = new int[1];
    Pollable<String> forgetful =
        new Pollable<>() {
          @Override
          public Poll<String> poll(dev.reveille.Context cx) {
            return Poll.pending();
          }

          @Override
          public void cancel() {
            cancels[0]++;
          }

          @Override
          public String toString() {
            return "the forgetful one";
          }
        };
    Operation<?> operation =
        switch (kind) {
          case JOIN -> Join.all(List.of(forgetful));
          case JOIN_BOTH -> Join.both(forgetful, forgetful, (a, b) -> a);
          case SELECT -> Select.of(forgetful);
          case RACE -> Pollables.race(List.of(forgetful));
          case FIRST_SUCCESS -> Pollables.firstSuccess(List.of(forgetful));
          case TIMEOUT -> Timeout.after(Duration.ofSeconds(1), forgetful);
          case MAP -> Pollables.map(forgetful, v -> v);
          case THEN -> Pollables.then(forgetful, v -> forgetful);
          case RECOVER -> Pollables.recover(forgetful, IOException.class, e -> forgetful);
          case CLEANUP -> Pollables.withCleanup(forgetful, () -> {});
          case DEFER -> Pollables.defer(() -> forgetful);
          case RETRY -> Retry.of(RetryPolicy.defaults().withAttempts(1)).run(() -> forgetful);
        };

    assertThat(bench.start(operation).failure())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'the forgetful one' in task 'under test'");
    assertThat(cancels[0]).isPositive();
  }
}
