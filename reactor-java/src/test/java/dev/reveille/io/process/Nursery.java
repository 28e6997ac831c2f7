package dev.reveille.io.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.ByteSource;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.ByteBuffer;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The equipment of the tests of children: a dispatcher, an executor whose threads are counted. */
final class Nursery {
  final Rig rig = new Rig(BasicDispatcher::new);
  final RunnableDispatcher dispatcher;
  final AtomicInteger threads = new AtomicInteger();
  final ThreadPoolExecutor blocking =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          60,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          job -> new Thread(job, "blocking-" + threads.incrementAndGet()));

  Nursery() {
    dispatcher = rig.onSystemClock();
  }

  static ProcessBuilder shell(String script) {
    return new ProcessBuilder("/bin/sh", "-c", script);
  }

  Pollable<ChildProcess> spawning(String... command) {
    return ChildProcess.spawn(dispatcher, new ProcessBuilder(command), blocking);
  }

  ChildProcess spawn(String... command) throws Exception {
    return await(spawning(command));
  }

  ChildProcess spawn(ProcessBuilder builder) throws Exception {
    return await(ChildProcess.spawn(dispatcher, builder, blocking));
  }

  /** Drives the dispatcher until then, or fails. */
  <T> T await(Pollable<T> pollable) throws Exception {
    return Rig.await(rig.start("driver", () -> dispatcher.runUntil(pollable).value()));
  }

  void onLoop(Runnable action) throws Exception {
    Complete unused =
        await(
            cx -> {
              action.run();
              return Poll.ready();
            });
  }

  /** All that comes until the end. */
  static Pollable<String> text(ByteSource source) {
    ByteBuffer buffer = ByteBuffer.allocate(1000);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    return cx -> {
      while (source.pollReadable(cx).isReady()) {
        if (source.tryRead(buffer) < 0) {
          return Poll.ready(all.toString(US_ASCII));
        }
        all.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      return Poll.pending();
    };
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  static boolean isGone(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty();
  }

  static void awaitGone(long pid) {
    Rig.awaitState("process " + pid + " is gone", () -> isGone(pid));
  }

  /** Open files of this process, on Linux. */
  static int descriptors() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }

  static long threadsNamed(String beginning) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(beginning))
        .count();
  }

  /** Everything has ended: the workers, too. */
  void close() throws Exception {
    rig.close();
    blocking.shutdown();
    assertThat(blocking.awaitTermination(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("all workers have ended")
        .isTrue();
  }

  /** Whether a thread of {@link #blocking} is in a read of the system. */
  static boolean someWorkerReads() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> entry.getKey().getName().startsWith("blocking-"))
        .anyMatch(
            entry ->
                entry.getValue().length > 0
                    && entry.getValue()[0].getClassName().equals("java.io.FileInputStream"));
  }
}
