package dev.reveille.samples.compat.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.WorkGuard;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.ledger.LedgerSnapshot;
import dev.reveille.callbacks.ledger.MigrationLedger;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In the middle of a migration: old callers with callbacks and new tasks, on one client. */
final class MixedCallersTest {
  private static final int CALLS = 100;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private Web web;

  @BeforeEach
  void open() throws Exception {
    web = new Web();
  }

  @AfterEach
  void close() throws Exception {
    web.close();
    rig.close();
  }

  @Test
  void everyCallerGetsWhatItAskedFor() throws Exception {
    List<String> got = new ArrayList<>(); // the loop's alone
    try (MigrationLedger ledger = MigrationLedger.attach(loop)) {
      for (int i = 0; i < CALLS; i++) {
        String path = "/new/" + i;
        legacyCall("/old/" + i, got);
        loop.spawn(Pollables.map(Calls.text(web.call(path)), got::add));
        // Calls.text is migrated already; this caller of it is not, and wants a callback.
        Callbacks.onComplete(
            loop,
            Calls.text(web.call("/half/" + i)),
            (text, failure) -> got.add(failure == null ? text : "failed: " + failure));
      }
      loop.runToCompletion();

      assertThat(got)
          .containsExactlyInAnyOrderElementsOf(
              Stream.of("/old/", "/new/", "/half/")
                  .flatMap(kind -> IntStream.range(0, CALLS).mapToObj(i -> kind + i))
                  .toList());
      LedgerSnapshot.Site bridged = ledger.snapshot().site("text");
      assertThat(bridged.calls()).isEqualTo(2 * CALLS);
      assertThat(bridged.completed()).isEqualTo(2 * CALLS);
      assertThat(bridged.isMisused()).isFalse();
      assertThat(ledger.snapshot().turns())
          .singleElement()
          .satisfies(
              turns -> {
                assertThat(turns.callbacks())
                    .as("of the old callers")
                    .isGreaterThanOrEqualTo(CALLS);
                assertThat(turns.tasks()).isGreaterThanOrEqualTo(2 * CALLS);
              });
    }
  }

  /** As it was before: the callback reads the body, and hops to the loop with it. */
  private void legacyCall(String path, List<String> got) {
    WorkGuard open = loop.workGuard(); // the loop does not know of it
    web.call(path)
        .enqueue(
            new Callback() {
              @Override
              public void onResponse(Call call, Response response) throws IOException {
                try (response;
                    open) {
                  String text = response.body().string();
                  loop.post(() -> got.add(text));
                }
              }

              @Override
              public void onFailure(Call call, IOException failure) {
                try (open) {
                  throw new UncheckedIOException(failure);
                }
              }
            });
  }

  @Test
  void givingUpOneCallerLeavesTheOthersAlone() throws Exception {
    AtomicInteger answered = new AtomicInteger();
    Call old = web.call("/held/old");
    old.enqueue(
        new Callback() {
          @Override
          public void onResponse(Call call, Response response) {
            response.close();
            answered.incrementAndGet();
          }

          @Override
          public void onFailure(Call call, IOException failure) {
            throw new UncheckedIOException(failure);
          }
        });
    Ended<String> givenUp = Ended.begun(loop, Calls.text(web.call("/held/a")));
    Ended<String> kept = Ended.begun(loop, Calls.text(web.call("/held/b")));

    givenUp.cancel();
    web.release();

    assertThat(kept.value()).isEqualTo("/held/b");
    Rig.awaitState("the old caller is answered", () -> answered.get() == 1);
    assertThat(old.isCanceled()).isFalse();
    assertThat(web.uncaught()).isEmpty();
  }
}
