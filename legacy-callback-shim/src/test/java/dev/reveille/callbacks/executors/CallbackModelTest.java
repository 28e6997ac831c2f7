package dev.reveille.callbacks.executors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random posts, times, cancels and stops, from outside the loop and from the functions, mixed with
 * plain runnables: what is called, with what status and in what order, is compared with a model of
 * a queue and a list of times. The seeds are fixed; {@code -Dreveille.model.seed} adds one.
 */
final class CallbackModelTest {
  private static final int TASKS = 6;
  private static final int ROUNDS = 60;

  /** One thing to do, to the dispatcher and to the model alike. */
  private interface Play {
    void post(int task);

    void postAt(int task, long time);

    boolean cancel(int task);

    void runnable(int number);

    void requestStop();

    long now();
  }

  /** What a function does when it is called: decided before, so that both sides do the same. */
  private record Script(List<Consumer<Play>> actions) {}

  // ------------------------------------------------------------------ the model

  private static final class Model implements Play {
    /** A use of a task: replaced by the next, and then stale. */
    private record Entry(int task, long time, long number) {}

    final List<String> log = new ArrayList<>();
    final List<Script> scripts;
    final Deque<Object> queue = new ArrayDeque<>();
    final List<Entry> waiting = new ArrayList<>();
    final Deque<Entry> untold = new ArrayDeque<>();
    final @Nullable Entry[] posted = new Entry[TASKS];
    final boolean[] told = new boolean[TASKS];
    long number;
    long now;
    int calls;
    boolean stopped;
    boolean telling;

    Model(List<Script> scripts) {
      this.scripts = scripts;
    }

    private boolean refuses(int task) {
      if (telling && told[task]) {
        log.add("refused");
        return true;
      }
      return false;
    }

    @Override
    public void post(int task) {
      Entry there = posted[task];
      if (refuses(task) || (there != null && (stopped || !waiting.contains(there)))) {
        return;
      }
      enqueueNew(task);
    }

    private void enqueueNew(int task) {
      withdraw(task);
      Entry entry = new Entry(task, Long.MIN_VALUE, number++);
      posted[task] = entry;
      queue.add(entry);
    }

    @Override
    public void postAt(int task, long time) {
      if (refuses(task) || (stopped && posted[task] != null)) {
        return;
      }
      if (stopped) {
        enqueueNew(task);
        return;
      }
      withdraw(task);
      Entry entry = new Entry(task, time, number++);
      posted[task] = entry;
      waiting.add(entry);
    }

    private void withdraw(int task) {
      Entry there = posted[task];
      if (there != null) {
        waiting.remove(there);
        posted[task] = null;
      }
    }

    @Override
    public boolean cancel(int task) {
      boolean was = posted[task] != null;
      withdraw(task);
      return was;
    }

    @Override
    public void runnable(int which) {
      queue.add("runnable " + which);
    }

    @Override
    public void requestStop() {
      if (!stopped) {
        stopped = true;
        queue.add(untold);
      }
    }

    @Override
    public long now() {
      return now;
    }

    /** After each entry the times are looked at: the loop has one poll a turn here. */
    void run() {
      fire();
      for (Object next = queue.poll(); next != null; next = queue.poll()) {
        if (next instanceof Entry entry) {
          call(entry);
        } else if (next == untold) {
          tellOne();
        } else {
          log.add((String) next);
        }
        fire();
      }
    }

    private void fire() {
      List<Entry> due = new ArrayList<>(waiting);
      due.removeIf(entry -> entry.time > now);
      due.sort(Comparator.comparingLong(Entry::time).thenComparingLong(Entry::number));
      waiting.removeAll(due);
      queue.addAll(due);
    }

    private void tellOne() {
      waiting.sort(Comparator.comparingLong(Entry::time).thenComparingLong(Entry::number));
      untold.addAll(waiting);
      waiting.clear();
      Entry entry = untold.poll();
      if (entry != null) {
        if (!untold.isEmpty()) {
          queue.add(untold);
        }
        call(entry);
      }
    }

    private void call(Entry entry) {
      if (posted[entry.task] != entry) {
        return; // stale
      }
      posted[entry.task] = null;
      log.add("task " + entry.task + (stopped ? " CANCELLED" : " OK"));
      Script script = scripts.get(calls++ % scripts.size());
      telling = stopped;
      told[entry.task] |= stopped;
      script.actions.forEach(action -> action.accept(this));
      telling = false;
    }

    void advance(long nanos) {
      run();
      long until = now + nanos;
      for (; ; ) {
        long next = waiting.stream().mapToLong(Entry::time).min().orElse(Long.MAX_VALUE);
        if (next > until) {
          break;
        }
        now = Math.max(now, next);
        run();
      }
      now = until;
      run();
    }
  }

  // ------------------------------------------------------------------ the real one

  private static final class Real implements Play {
    final List<String> log = new ArrayList<>();
    final RunnableDispatcher loop;
    final CallbackDispatcher callbacks;
    final List<CallbackTask> tasks = new ArrayList<>();
    int calls;
    boolean ends;

    Real(RunnableDispatcher loop, List<Script> scripts) {
      this.loop = loop;
      this.callbacks = CallbackDispatcher.of(loop);
      for (int i = 0; i < TASKS; i++) {
        tasks.add(
            new CallbackTask(
                "task " + i,
                (context, status) -> {
                  log.add(context.task() + " " + status);
                  if (ends) {
                    return;
                  }
                  Script script = scripts.get(calls++ % scripts.size());
                  script.actions.forEach(action -> action.accept(this));
                }));
      }
    }

    private void tryTo(Runnable post) {
      try {
        post.run();
      } catch (RejectedExecutionException e) {
        log.add("refused");
      }
    }

    @Override
    public void post(int task) {
      tryTo(() -> callbacks.post(tasks.get(task)));
    }

    @Override
    public void postAt(int task, long time) {
      tryTo(() -> callbacks.postAt(tasks.get(task), time));
    }

    @Override
    public boolean cancel(int task) {
      return callbacks.cancel(tasks.get(task));
    }

    @Override
    public void runnable(int which) {
      loop.post(() -> log.add("runnable " + which));
    }

    @Override
    public void requestStop() {
      callbacks.requestStop();
    }

    @Override
    public long now() {
      return callbacks.now();
    }
  }

  // ------------------------------------------------------------------ the play

  private static Consumer<Play> randomAction(Random random, boolean mayStop) {
    int task = random.nextInt(TASKS);
    long delay = random.nextInt(12) - 2;
    int which = random.nextInt(1000);
    return switch (random.nextInt(mayStop ? 40 : 39)) {
      case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 -> play -> play.post(task);
      case 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25 ->
          play -> play.postAt(task, play.now() + delay);
      case 26, 27, 28, 29, 30, 31 -> play -> play.cancel(task);
      case 39 -> Play::requestStop;
      default -> play -> play.runnable(which);
    };
  }

  private static List<Script> randomScripts(Random random) {
    List<Script> scripts = new ArrayList<>();
    for (int i = 0; i < 97; i++) {
      List<Consumer<Play>> actions = new ArrayList<>();
      for (int n = Math.max(0, random.nextInt(4) - 2); n > 0; n--) {
        actions.add(randomAction(random, false));
      }
      scripts.add(new Script(actions));
    }
    return scripts;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void itDoesWhatTheModelDoes(long block) {
    for (long seed = block * 1000; seed < block * 1000 + ROUNDS; seed++) {
      play(seed);
    }
    Long extra = Long.getLong("reveille.model.seed");
    if (extra != null) {
      play(extra);
    }
  }

  private void play(long seed) {
    Random random = new Random(seed);
    List<Script> scripts = randomScripts(random);
    Rig own = new Rig(BasicDispatcher::new);
    RunnableDispatcher loop = own.dispatcher(options -> options.withPollsPerTurn(1));
    Real real = new Real(loop, scripts);
    Model model = new Model(scripts);
    try {
      for (int step = 0; step < 60; step++) {
        if (random.nextInt(3) == 0) {
          long nanos = random.nextInt(6);
          own.time().advance(Duration.ofNanos(nanos));
          model.advance(nanos);
        } else {
          Consumer<Play> action = randomAction(random, step > 30);
          action.accept(real);
          action.accept(model);
          for (int task = 0; task < TASKS; task++) {
            assertThat(real.tasks.get(task).isPosted())
                .as("seed %s, step %s, task %s", seed, step, task)
                .isEqualTo(model.posted[task] != null);
          }
        }
        assertThat(real.log).as("seed %s, step %s", seed, step).isEqualTo(model.log);
      }
      if (random.nextBoolean()) {
        end(own, real, model, seed);
      }
    } finally {
      real.ends = true;
      try {
        own.close();
      } catch (Exception e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    List<String> rest = new ArrayList<>(real.log.subList(model.log.size(), real.log.size()));
    List<String> expected = new ArrayList<>();
    for (int task = 0; task < TASKS; task++) {
      if (model.posted[task] != null) {
        expected.add("task " + task + " CANCELLED");
      }
    }
    assertThat(rest)
        .as("by the close, seed %s", seed)
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static void end(Rig rig, Real real, Model model, long seed) {
    real.requestStop();
    model.requestStop();
    rig.time().advance(Duration.ZERO);
    model.advance(0);
    assertThat(real.log).as("by the stop, seed %s", seed).isEqualTo(model.log);
    assertThat(real.tasks).as("by the stop, seed %s", seed).noneMatch(CallbackTask::isPosted);
  }
}
