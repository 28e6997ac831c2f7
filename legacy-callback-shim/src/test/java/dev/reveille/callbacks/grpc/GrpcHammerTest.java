package dev.reveille.callbacks.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.contract.Rig;
import dev.reveille.sync.AbstractPollStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls with tasks at both ends, given up at any moment: nothing is left, lost or out of order. */
class GrpcHammerTest {
  private static final int CALLS = 300;

  private final GrpcRig rig = new GrpcRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Numbers from 1, and a count of those that were released. */
  private static final class Numbers extends AbstractPollStream<String> {
    private final AtomicInteger released;
    private final int to;
    private int given;

    Numbers(int to, AtomicInteger released) {
      super("numbers");
      this.to = to;
      this.released = released;
    }

    @Override
    protected Poll<@Nullable String> doPollNext(Context cx) {
      return given == to ? end() : element(String.valueOf(++given));
    }

    @Override
    protected void release() {
      released.incrementAndGet();
    }
  }

  @Test
  void callsThatAreGivenUpAtAnyMoment() throws Exception {
    AtomicInteger requestsReleased = new AtomicInteger();
    AtomicInteger answersBegun = new AtomicInteger();
    AtomicInteger answersEnded = new AtomicInteger();
    rig.bidi(
        responses ->
            GrpcServer.<String, String>bidi(
                rig.dispatcher(),
                "echo",
                responses,
                requests -> {
                  answersBegun.incrementAndGet();
                  return new AbstractPollStream<>("echo") {
                    @Override
                    protected Poll<@Nullable String> doPollNext(Context cx) throws Exception {
                      return requests.pollNext(cx);
                    }

                    @Override
                    protected void release() {
                      answersEnded.incrementAndGet();
                    }
                  };
                }));
    GrpcRig.Stub stub = rig.stub();
    Random random = new Random(5);
    AtomicInteger outOfOrder = new AtomicInteger();
    AtomicInteger completed = new AtomicInteger();
    List<JoinHandle<Complete>> calls = new ArrayList<>();
    int whole = 0;
    for (int i = 0; i < CALLS; i++) {
      int length = random.nextInt(100);
      int taken = random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt(100);
      AtomicInteger last = new AtomicInteger();
      calls.add(
          rig.dispatcher()
              .spawn(
                  "call",
                  GrpcCalls.bidi(
                          "echo",
                          1 + random.nextInt(20),
                          stub::bidi,
                          new Numbers(length, requestsReleased))
                      .take(taken)
                      .onEach(
                          text -> {
                            if (Integer.parseInt(text) != last.incrementAndGet()) {
                              outOfOrder.incrementAndGet();
                            }
                            if (last.get() == length) {
                              completed.incrementAndGet();
                            }
                          })
                      .forEach(text -> {})));
      if (taken >= length && length > 0) {
        whole++;
      }
      if (random.nextInt(5) == 0) {
        calls.get(random.nextInt(calls.size())).cancel();
      }
    }
    Rig.awaitState("all calls have ended", () -> calls.stream().allMatch(JoinHandle::isDone));
    Rig.awaitState("so have the tasks", () -> rig.dispatcher().snapshot().tasks().isEmpty());
    assertThat(requestsReleased).hasValue(CALLS);
    assertThat(answersEnded).hasValue(answersBegun.get());
    assertThat(outOfOrder).hasValue(0);
    assertThat(completed.get()).isBetween(1, whole);
  }
}
