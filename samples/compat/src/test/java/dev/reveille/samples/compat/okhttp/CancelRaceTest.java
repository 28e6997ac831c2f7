package dev.reveille.samples.compat.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallbackDiagnostics;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Heard;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Giving up against the response, at every moment: no response is left open. */
final class CancelRaceTest {
  private static final int CALLS = 400;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private Web web;

  @BeforeEach
  void open() throws Exception {
    web = new Web();
  }

  @AfterEach
  void close() throws Exception {
    web.close(); // says if a connection was not given back
    rig.close();
  }

  @Test
  void everyResponseIsClosedWhoeverWins() throws Exception {
    SplittableRandom random = new SplittableRandom(23);
    Heard heard = Heard.on(loop);
    Driving driving = rig.drive(loop);
    int completed = 0;
    int cancelled = 0;
    long spins = 1_000;
    for (int i = 0; i < CALLS; i++) {
      JoinHandle<String> handle =
          loop.spawn(
              Pollables.map(
                  Calls.response(web.call("/" + i)),
                  response -> {
                    try (response) {
                      return "the task";
                    }
                  }));
      CompletableFuture<String> task = handle.toCompletableFuture();
      for (long spin = random.nextLong(2 * spins); spin > 0; spin--) {
        Thread.onSpinWait();
      }
      handle.cancel();
      try {
        task.orTimeout(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        completed++;
        spins -= spins / 8; // so that either wins about as often, on whatever machine
      } catch (CancellationException e) {
        cancelled++;
        spins += spins / 8;
      } catch (CompletionException e) {
        assertThat(e).hasCauseInstanceOf(IOException.class);
      }
    }

    Rig.awaitState("each connection was given back", web::isAtRest);
    assertThat(completed).isPositive();
    assertThat(cancelled).isPositive();
    assertThat(web.connectionsTaken()).isPositive();
    assertThat(CallbackDiagnostics.of(loop).misuses("response")).isZero();
    assertThat(heard.count("COMPLETED")).isEqualTo(completed);
    loop.close();
    driving.awaitOutcome();
  }
}
