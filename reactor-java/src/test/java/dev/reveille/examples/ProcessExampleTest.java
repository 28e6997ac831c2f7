package dev.reveille.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.io.process.ChildProcess;
import dev.reveille.io.process.Signal;
import dev.reveille.io.process.Signals;
import dev.reveille.sync.PollStream;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessExampleTest {

  @Test
  void aProgramIsRunWithItsInputToItsEnd(@TempDir Path folder) throws Exception {
    File file = folder.resolve("sorted").toFile();
    ByteBuffer lines = ByteBuffer.wrap("pear\napple\npear\n".getBytes(US_ASCII));
    ExecutorService blocking = Executors.newCachedThreadPool();
    try (var dispatcher = new BasicDispatcher()) {
      ProcessBuilder sort = new ProcessBuilder("sort", "-u").redirectOutput(file);
      Pollable<Integer> status =
          ChildProcess.run(
              dispatcher,
              sort,
              blocking, // an executor
              child ->
                  Pollables.then(
                      child.stdin().write(lines),
                      written -> {
                        child.stdin().close(); // the end of its input
                        return child.exit();
                      }));
      assertThat(dispatcher.runUntil(status).value()).isZero();
    }
    blocking.shutdown();
    assertThat(file).hasContent("apple\npear");
  }

  @Test
  void aTaskEndsWithASignal() throws Exception {
    List<String> log = new ArrayList<>();
    try (var dispatcher = new BasicDispatcher()) {
      PollStream<Signal> ends = Signals.on(dispatcher, Signal.SIGINT, Signal.SIGTERM);
      JoinHandle<Complete> farewell =
          dispatcher.spawn(
              "farewell",
              ends.take(1).forEach(signal -> log.add("good-bye, because of " + signal)));
      Process kill =
          new ProcessBuilder("/bin/sh", "-c", "kill -TERM " + ProcessHandle.current().pid())
              .start();
      dispatcher.runUntil(farewell.join());
      assertThat(kill.waitFor()).isZero();
    }
    assertThat(log).containsExactly("good-bye, because of SIGTERM");
  }
}
