package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A sink that says when it takes more. */
final class ReadinessTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  /** As gRPC's and the servlets': room for some, a handler, a question. */
  private final AtomicInteger room = new AtomicInteger();

  private Runnable handler = () -> {};
  private final Readiness readiness =
      Callbacks.readiness("room", () -> room.get() > 0, h -> handler = h);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private JoinHandle<Complete> waits() {
    JoinHandle<Complete> handle = loop.spawn("writer", readiness.ready());
    handle.toCompletableFuture(); // joins
    loop.runUntilStalled();
    return handle;
  }

  @Test
  void aSinkThatIsReadyIsNotWaitedFor() {
    room.set(1);
    assertThat(waits().isDone()).isTrue();
  }

  @Test
  void theHandlerWakesAndTheSinkIsAskedAgain() {
    JoinHandle<Complete> writer = waits();
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::waitReason)
        .containsExactly("room");
    handler.run(); // without reason
    loop.runUntilStalled();
    assertThat(writer.isDone()).isFalse();

    room.set(1);
    rig.elsewhere(handler);
    loop.runUntilStalled();
    assertThat(writer.isDone()).isTrue();
    handler.run(); // nobody waits
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aSinkThatBecomesReadyWhileItIsAskedIsNotMissed() {
    AtomicInteger asked = new AtomicInteger();
    Readiness racy =
        Callbacks.readiness(
            "room",
            () -> asked.incrementAndGet() > 1, // between the question and the registration
            h -> {});
    JoinHandle<Complete> writer = loop.spawn(racy.ready());
    loop.runUntilStalled();
    assertThat(writer.isDone()).isTrue();
  }

  @Test
  void theHandlerIsHandedOverAtOnceSinceSomeSinksTakeItOnlyInTheBeginning() {
    AtomicInteger handed = new AtomicInteger();
    Callbacks.readiness(
        "room",
        () -> true,
        h -> {
          handed.incrementAndGet();
          h.run(); // early
        });
    assertThat(handed).hasValue(1);
  }

  @Test
  void aSinkThatHasFailedFailsThoseWhoWaitAndThoseWhoCome() {
    IOException gone = new IOException("gone");
    JoinHandle<Complete> writer = waits();
    rig.elsewhere(() -> readiness.fail(gone));
    readiness.fail(new IOException("again"));
    room.set(1);
    assertThatThrownBy(() -> loop.runUntil(writer.join())).isSameAs(gone);
    assertThatThrownBy(() -> loop.runUntil(waits().join())).isSameAs(gone);

    Throwable bare = new Throwable("bare");
    Readiness other = Callbacks.readiness("other", () -> true, h -> {});
    other.fail(bare);
    assertThatThrownBy(() -> loop.runUntil(other.ready()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("'other' failed with a bare Throwable")
        .hasCause(bare);
    AssertionError error = new AssertionError();
    Readiness third = Callbacks.readiness("third", () -> true, h -> {});
    third.fail(error);
    assertThatThrownBy(() -> loop.runUntil(third.ready())).isSameAs(error);
    assertThatThrownBy(() -> third.fail(null)).hasMessage("cause");
  }

  @Test
  void cancelStopsWaitingAndLeavesThePlaceToTheNextOne() {
    JoinHandle<Complete> first = waits();
    first.cancel();
    loop.runUntilStalled();
    JoinHandle<Complete> second = waits();
    room.set(1);
    handler.run();
    loop.runUntilStalled();
    assertThat(second.isDone()).isTrue();
  }

  @Test
  void aWriterThatIsAlwaysReadyLetsOthersRun() {
    room.set(Integer.MAX_VALUE);
    int[] written = {0};
    int[] atOthersTurn = {-1};
    loop.spawn(
        "writer",
        cx -> {
          while (written[0] < 10_000) {
            if (readiness.pollReady(cx).isPending()) {
              return Poll.pending();
            }
            written[0]++;
          }
          return Poll.ready("done");
        });
    loop.post(() -> atOthersTurn[0] = written[0]);
    loop.runUntilStalled();
    assertThat(atOthersTurn[0]).isBetween(1, 1_000);
    assertThat(written[0]).isEqualTo(10_000);
  }

  @Test
  void hammeredNoReadinessIsMissed() throws Exception {
    int elements = 20_000;
    RunnableDispatcher driven = rig.onSystemClock();
    JoinHandle<String> writer =
        driven.spawn(
            "writer",
            new Pollable<>() {
              private int written;

              @Override
              public Poll<String> poll(Context cx) throws Exception {
                while (written < elements) {
                  if (readiness.pollReady(cx).isPending()) {
                    return Poll.pending();
                  }
                  room.getAndDecrement();
                  written++;
                }
                return Poll.ready("done");
              }

              @Override
              public void cancel() {}
            });
    rig.drive(driven, RunnableDispatcher::run);
    FutureTask<Boolean> sink =
        rig.start(
            "sink",
            () -> {
              for (int i = 0; i < elements; i++) {
                if (room.getAndIncrement() == 0) {
                  handler.run();
                }
              }
              return true;
            });
    Rig.await(sink);
    assertThat(writer.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isEqualTo("done");
  }

  @Test
  void itsTextSaysWhatItIs() {
    assertThat(readiness).hasToString("Readiness['room']");
  }
}
