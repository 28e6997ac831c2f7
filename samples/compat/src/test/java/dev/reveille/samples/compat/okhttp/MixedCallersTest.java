package dev.reveille.samples.compat.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.WorkGuard;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
    Set<String> got = new TreeSet<>(); // the loop's alone: old callers hop to it
    List<JoinHandle<String>> tasks = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      legacyCall("/old/" + i, got);
      tasks.add(loop.spawn(Calls.text(web.call("/new/" + i))));
    }

    for (JoinHandle<String> task : tasks) {
      got.add(loop.runUntil(task.join()).value());
    }
    loop.runToCompletion();

    assertThat(got)
        .isEqualTo(
            IntStream.range(0, CALLS)
                .boxed()
                .flatMap(i -> List.of("/old/" + i, "/new/" + i).stream())
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  /** As it was before: the callback reads the body, and hops to the loop with it. */
  private void legacyCall(String path, Set<String> got) {
    WorkGuard open = loop.workGuard();
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
