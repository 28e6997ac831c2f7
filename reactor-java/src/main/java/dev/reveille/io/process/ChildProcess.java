package dev.reveille.io.process;

import static java.util.Objects.requireNonNull;

import dev.reveille.Dispatcher;
import dev.reveille.MockTime;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import dev.reveille.io.ByteSink;
import dev.reveille.io.ByteSource;
import dev.reveille.sync.Notify;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A process that this one has started: its standard streams as bytes on the loop, its exit status
 * as a pollable, and an end that is certain.
 *
 * <p>A program that gets its input, writes to a file, and is killed if its task is cancelled:
 *
 * <pre>{@code
 * ProcessBuilder sort = new ProcessBuilder("sort", "-u").redirectOutput(file);
 * Pollable<Integer> status =
 *     ChildProcess.run(
 *         dispatcher,
 *         sort,
 *         blocking, // an executor
 *         child ->
 *             Pollables.then(
 *                 child.stdin().write(lines),
 *                 written -> {
 *                   child.stdin().close(); // the end of its input
 *                   return child.exit();
 *                 }));
 * }</pre>
 *
 * <p><b>Its end.</b> A child belongs to somebody: to {@link #run}, which leaves none behind,
 * however it ends; or to whoever spawned it and calls {@link #close}, which kills it, unless it has
 * ended, and closes its streams. The close of the dispatcher closes the children that are left.
 * Giving up {@link #exit}, a read or a write touches the child in no way. What the child has
 * started itself is left alone, unless {@link #includeDescendants} was called.
 *
 * <p><b>The executor.</b> The JVM has blocking streams for the pipes to a child and starts it in a
 * blocking call, so these steps run on an executor that the caller gives, and nothing else does. It
 * needs a free thread for each start; for each output, from the moment that a task waits for it
 * until something comes, whether or not the task still waits; and for the input, while the child
 * has not taken it. With fewer, children and tasks that wait for each other may do so for ever. A
 * cached pool fits; a virtual thread that is blocked in a pipe keeps its carrier. An executor that
 * runs its commands in the calling thread blocks the loop.
 *
 * <p><b>Back pressure.</b> A stream holds 16 KB at most, beside what the system keeps in the pipe.
 * Input is taken piece by piece as the child reads it; output is read when a task waits for it, so
 * a child that talks to nobody is held back by its pipe, and never ends if it has more to say. Read
 * both outputs, or redirect or merge one. The end of an output comes when the child, and whoever
 * inherited the pipe from it, have closed theirs; at the latest soon after the end of the child,
 * unless a read is under way at that moment and somebody else holds the pipe: such a read keeps its
 * thread, its descriptor, and one of the JVM's that reap children, until that one lets go.
 *
 * <p><b>Redirects</b> of the builder are respected. An output that goes elsewhere, or into the
 * other one, is at its end here from the beginning; writing to an input that comes from elsewhere
 * throws {@link java.io.IOException}.
 *
 * <p><b>Time.</b> Under {@link MockTime} time does not move by itself while a child runs, or while
 * one of these steps is in flight.
 *
 * <p><b>Threading.</b> The streams are for the loop of the dispatcher that the child was spawned
 * on, their {@code isOpen}, {@code close} and {@code shutdownOutput} for any thread, and so is
 * everything here that gives no pollable. <b>Memory effects.</b> Actions before {@link #spawn} is
 * first polled happen-before the start; what a worker has done for a stream happens-before the poll
 * that it caused.
 */
public final class ChildProcess implements AutoCloseable {
  private final String program;
  private final Process process;

  /**
   * Kills without closing streams, as {@link Process#destroy} would: that loses what the child says
   * at its end, and waits for a thread that is blocked in the child's input.
   */
  private final ProcessHandle handle;

  private final Belongings belongings;
  private final MockTime.@Nullable Hold hold;
  private final ChildSink stdin;
  private final ChildSource stdout;
  private final ChildSource stderr;
  private final Notify exits;

  /** Written once (volatile), by a thread of the JVM, before it notifies. */
  private volatile @Nullable Integer status;

  /** Written by any thread (volatile). */
  private volatile boolean descendantsIncluded;

  private ChildProcess(
      ProcessBuilder builder,
      Process process,
      Dispatcher dispatcher,
      Executor blocking,
      Belongings belongings,
      MockTime.@Nullable Hold hold) {
    this.program = Spawn.program(builder);
    this.process = process;
    this.handle = process.toHandle();
    this.belongings = belongings;
    this.hold = hold;
    this.exits = new Notify("exit of " + program);
    String of = " of '" + program + "' (" + process.pid() + ")";
    Redirect input = builder.redirectInput();
    this.stdin =
        new ChildSink(
            "stdin" + of,
            dispatcher,
            blocking,
            process.getOutputStream(),
            input.equals(Redirect.PIPE) ? null : input.toString());
    this.stdout =
        builder.redirectOutput().equals(Redirect.PIPE)
            ? new ChildSource("stdout" + of, dispatcher, blocking, process.getInputStream())
            : ChildSource.redirected("stdout" + of, dispatcher, blocking);
    this.stderr =
        builder.redirectError().equals(Redirect.PIPE) && !builder.redirectErrorStream()
            ? new ChildSource("stderr" + of, dispatcher, blocking, process.getErrorStream())
            : ChildSource.redirected("stderr" + of, dispatcher, blocking);
  }

  /** By the worker that has started it. */
  static ChildProcess adopt(
      ProcessBuilder builder,
      Process process,
      Dispatcher dispatcher,
      Executor blocking,
      Belongings belongings,
      MockTime.@Nullable Hold hold) {
    ChildProcess child = new ChildProcess(builder, process, dispatcher, blocking, belongings, hold);
    boolean kept = belongings.add(child, child::close);
    var unused = process.onExit().whenComplete((p, failure) -> child.exited());
    if (!kept) {
      child.close();
    }
    return child;
  }

  // ------------------------------------------------------------------ beginning

  /**
   * Starts a process. Who gets it closes it. It is started as the builder is now: later changes of
   * the builder do not matter.
   *
   * <p>Ready with the child. Pending until it was started, by a worker, who wakes. Throws {@link
   * java.io.IOException} if it can not be started, as when there is no such program, and {@link
   * java.util.concurrent.RejectedExecutionException} if the executor refuses. {@code cancel()}
   * before the first poll means that nothing is started; later, that the child is killed as soon as
   * it was started.
   *
   * @param dispatcher the dispatcher on whose loop this and the streams are polled
   * @param builder program, arguments, directory, environment and redirects
   * @param blocking runs what blocks: see above
   * @return a new one-shot operation
   * @throws IllegalArgumentException if the builder has no program, or if the executor is the view
   *     of this dispatcher
   */
  public static Pollable<ChildProcess> spawn(
      Dispatcher dispatcher, ProcessBuilder builder, Executor blocking) {
    Spawn spawn =
        new Spawn(
            requireNonNull(dispatcher, "dispatcher"),
            requireNonNull(builder, "builder"),
            requireNonNull(blocking, "blocking"));
    return Completer.pollable(
        spawn.toString(),
        CallOptions.<ChildProcess>defaults().onLateValue(ChildProcess::close),
        spawn);
  }

  /**
   * Starts a process, does something with it, and leaves none behind.
   *
   * <p>Ready with the result of the body, when the body is and the child has ended; if it still
   * runs when the body is ready, it is killed, and its end waited for. A body that lets it end by
   * itself ends with {@link #exit}. Pending until then; workers and the JVM wake, and who wakes the
   * body. Throws as {@link #spawn}, and what the body throws, after the child was killed. {@code
   * cancel()} cancels the body and kills the child; its end is not waited for.
   *
   * @param <T> the type of the result
   * @param dispatcher as for {@code spawn}
   * @param builder as for {@code spawn}
   * @param blocking as for {@code spawn}
   * @param body makes what to do with the child; called once, on the loop
   * @return a new one-shot operation
   * @throws IllegalArgumentException as {@code spawn}
   */
  public static <T extends @Nullable Object> Pollable<T> run(
      Dispatcher dispatcher,
      ProcessBuilder builder,
      Executor blocking,
      Function<? super ChildProcess, ? extends Pollable<? extends T>> body) {
    return new RunOperation<>(
        spawn(dispatcher, builder, blocking), requireNonNull(body, "body"), builder);
  }

  // ------------------------------------------------------------------ streams

  /**
   * Its standard input. Closing it, and {@code shutdownOutput}, let the child read the end of its
   * input after what was written. Once the child has gone, writing throws {@link
   * java.io.IOException}; that may be told by the write after the one that failed.
   *
   * @return the same sink each time
   */
  public ByteSink stdin() {
    return stdin;
  }

  /**
   * Its standard output.
   *
   * @return the same source each time
   */
  public ByteSource stdout() {
    return stdout;
  }

  /**
   * Its standard error.
   *
   * @return the same source each time
   */
  public ByteSource stderr() {
    return stderr;
  }

  // ------------------------------------------------------------------ the end

  /**
   * Waits for the end of the child. Any number of tasks may wait, on any loop, as often as they
   * like.
   *
   * <p>Ready with the exit status, or 128 and the number of the signal that ended it. Pending until
   * then; the JVM wakes, from its common pool: who keeps all of that busy delays exits. Throws
   * nothing. {@code cancel()} stops waiting; the child goes on. What it wrote may still have to be
   * read afterwards.
   *
   * @return a new one-shot operation
   */
  public Pollable<Integer> exit() {
    return new ExitOperation(this, exits.listener());
  }

  /**
   * The exit status, as of {@link #exit}, if the child has ended.
   *
   * @return empty while it runs
   */
  public OptionalInt tryExit() {
    Integer s = status;
    return s == null ? OptionalInt.empty() : OptionalInt.of(s);
  }

  /**
   * Asks the child to end ({@code SIGTERM}); on Windows it is killed. Does nothing if it has ended.
   */
  public void terminate() {
    signal(false);
  }

  /** Ends the child, asking nobody ({@code SIGKILL}). Does nothing if it has ended. */
  public void kill() {
    signal(true);
  }

  /**
   * Asks the child to end, and kills it if it has not ended after some time on the clock of the
   * dispatcher that polls.
   *
   * <p>Ready with the exit status, as {@link #exit}. Pending until then; the JVM or the timer
   * wakes. Throws nothing. {@code cancel()} stops waiting: the child was asked, and is not killed.
   *
   * @param grace how long it may take; zero or less kills it at once
   * @return a new one-shot operation, which asks in its first poll
   */
  public Pollable<Integer> stop(Duration grace) {
    return new StopOperation(this, requireNonNull(grace, "grace"));
  }

  /**
   * From now on {@link #terminate}, {@link #kill}, {@link #stop} and {@link #close} of the child
   * while it runs also reach those that it has started, and those that they have, as far as they
   * can be found at that moment: one whose parent has ended is not found any more. Each such call
   * looks at all the processes of the system, which takes a millisecond or some.
   *
   * @return this
   */
  public ChildProcess includeDescendants() {
    descendantsIncluded = true;
    return this;
  }

  /**
   * Kills the child if it has not ended, and closes its streams. Does not wait. Idempotent.
   *
   * <p>Input that a worker is writing is not waited for, and whether it got there is not told.
   */
  @Override
  public void close() {
    kill();
    stdin.close();
    stdout.close();
    stderr.close();
  }

  // ------------------------------------------------------------------ the rest

  /**
   * The system's number for it. After its end that may be the number of another process.
   *
   * @return the number
   */
  public long pid() {
    return process.pid();
  }

  /**
   * What the system tells of it: its command, when it was started, its processor time.
   *
   * @return as of now
   */
  public ProcessHandle.Info info() {
    return handle.info();
  }

  private void signal(boolean forcibly) {
    if (status != null) {
      return;
    }
    List<ProcessHandle> below =
        descendantsIncluded ? handle.descendants().toList() : List.of(); // before they are orphans
    destroy(handle, forcibly);
    for (ProcessHandle each : below) {
      destroy(each, forcibly);
    }
  }

  /** False means that it has ended meanwhile, which is as well. */
  private static void destroy(ProcessHandle handle, boolean forcibly) {
    boolean unused = forcibly ? handle.destroyForcibly() : handle.destroy();
  }

  /** On a thread of the JVM: stores and wakes. */
  private void exited() {
    status = process.exitValue();
    exits.notifyWaiters();
    belongings.remove(this);
    if (hold != null) {
      hold.close(); // after the wake: before time may move on
    }
  }

  /** How many wait for its end. */
  int waiting() {
    return exits.waiting();
  }

  @Override
  public String toString() {
    Integer s = status;
    return "ChildProcess['"
        + program
        + "', "
        + process.pid()
        + (s == null ? ", running]" : ", exit status " + s + "]");
  }
}
