package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.DispatcherGroup;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.StopSource;
import dev.reveille.Task;
import dev.reveille.TaskGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class GroupsExampleTest {
  private final List<String> fetched = new ArrayList<>();

  private Pollable<Boolean> fetch(String url) {
    return cx -> Poll.ready(fetched.add(url));
  }

  @Test
  void aTaskGroupIsJoinedAsOne() throws Exception {
    List<String> urls = List.of("a", "b", "c");
    try (var dispatcher = new BasicDispatcher()) {
      TaskGroup group = TaskGroup.failFast(dispatcher, "fetch");
      for (String url : urls) {
        group.spawn(url, fetch(url));
      }
      Pollable<Complete> all = group.join(); // ready when all have ended
      dispatcher.runUntil(all);
    }
    assertThat(fetched).isEqualTo(urls);
  }

  private static String greet(List<String> audit) throws Exception {
    try (var group = DispatcherGroup.start("worker", 2, BasicDispatcher::new)) {
      JoinHandle<String> user = group.forKey("user 17").spawn("greet", cx -> Poll.ready("hello"));
      group.leastLoaded().post(() -> audit.add("whoever has time"));
      group.shutdown();
      group.awaitClosed(Duration.ofSeconds(10));
      return user.toCompletableFuture().get();
    }
  }

  @Test
  void aDispatcherGroupHasSeveralLoops() throws Exception {
    List<String> audit = Collections.synchronizedList(new ArrayList<>());
    assertThat(greet(audit)).isEqualTo("hello");
    assertThat(audit).containsExactly("whoever has time");
  }

  @Test
  void aStopGoesDownTheTree() {
    StopSource server = new StopSource();
    StopSource connection = StopSource.childOf(server.token());
    connection.stop(); // this connection only
    server.stop(); // whatever hangs on it
    assertThat(connection.isStopped()).isTrue();
    assertThat(server.isStopped()).isTrue();
  }

  /** Handles lines until it is told to stop. */
  private static final class Lines extends Task {
    private final Iterator<String> source;
    private final Pollable<String> lines;
    final List<String> handled = new ArrayList<>();

    Lines(List<String> source) {
      this.source = source.iterator();
      this.lines = cx -> this.source.hasNext() ? Poll.ready(this.source.next()) : cx.park();
    }

    private void handle(String line) {
      handled.add(line);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      while (!cx.stopToken().isStopped()) {
        Poll<String> line = lines.poll(cx);
        if (line.isPending()) {
          return cx.stopToken().pollStopped(cx); // woken by either
        }
        handle(line.value());
      }
      return Poll.ready();
    }
  }

  @Test
  void aTaskStopsWhenItIsAsked() {
    try (var dispatcher = new BasicDispatcher()) {
      StopSource stop = new StopSource();
      Lines task = new Lines(List.of("one", "two"));
      JoinHandle<Complete> handle = dispatcher.spawnUnder(stop.token(), "lines", task);
      dispatcher.runUntilStalled();
      stop.stop();
      dispatcher.runToCompletion();
      assertThat(handle.isDone()).isTrue();
      assertThat(task.handled).containsExactly("one", "two");
    }
  }

  private static Pollable<String> ask(String question) {
    return cx -> Poll.ready("the answer to " + question);
  }

  @Test
  void aThreadOutsideWaitsForAnAnswer() throws Exception {
    try (var group = DispatcherGroup.start("worker", 1, BasicDispatcher::new)) {
      var dispatcher = group.next();
      String answer = dispatcher.blockingAwait(ask("a question"), Duration.ofSeconds(10));
      assertThat(answer).isEqualTo("the answer to a question");
    }
  }

  @Test
  void aTaskWaitsForABlockingCall() throws Exception {
    Path path = Files.createTempFile("lines", ".txt");
    Executor pool = call -> new Thread(call).start();
    try (var dispatcher = new BasicDispatcher()) {
      Files.write(path, List.of("one", "two"));
      Pollable<List<String>> lines = dispatcher.offload(() -> Files.readAllLines(path), pool);
      assertThat(dispatcher.runUntil(lines).value()).containsExactly("one", "two");
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void aReaderIsGivenUpAtTheStop() {
    StopSource shutdown = new StopSource();
    Pollable<String> commands = cx -> cx.park();
    try (var dispatcher = new BasicDispatcher()) {
      Pollable<String> command = shutdown.token().untilStopped(commands);
      var end = dispatcher.spawn("reader", command).toCompletableFuture();
      dispatcher.runUntilStalled();
      shutdown.stop();
      dispatcher.runToCompletion();
      assertThat(end).isCancelled();
    }
  }

  @Test
  void theChildThatEndsFirstIsTheNext() throws Exception {
    try (var dispatcher = new BasicDispatcher()) {
      TaskGroup group = TaskGroup.supervising(dispatcher, "race").inOrderOfCompletion();
      group.spawn("slow", cx -> cx.park());
      group.spawn("fast", cx -> Poll.ready("value"));
      Pollable<JoinHandle<?>> first = group.next(); // the child that ends first, or null
      JoinHandle<?> winner = dispatcher.runUntil(first).value();
      assertThat(winner.name()).isEqualTo("fast");
    }
  }
}
