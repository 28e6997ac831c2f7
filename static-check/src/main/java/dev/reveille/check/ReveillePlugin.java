package dev.reveille.check;

import com.sun.source.util.JavacTask;
import com.sun.source.util.Plugin;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;

/**
 * Warns of a lambda, or a method reference, that is a {@code Pollable} and captures another one:
 * its {@code cancel()} does nothing, so an owner that gives it up leaves the captured one armed.
 * {@code Pollable.owning(children, body)} forwards the cancel.
 *
 * <pre>{@code
 * Pollable<String> read = stream.read(buffer);
 * return cx -> read.poll(cx).map(String::strip); // warned of
 * return Pollable.owning(List.of(read), cx -> read.poll(cx).map(String::strip));
 * }</pre>
 *
 * <p>It is switched on by {@code -Xplugin:Reveille}, with the jar on the processor path. It makes
 * warnings, which {@code -Werror} makes errors of, and is silent where
 * {@code @SuppressWarnings("PollableCapture")} stands on the variable, the method or the class: for
 * one that somebody else owns. It sees local variables and parameters that are captured, not
 * fields, nor what is within collections, nor Kotlin.
 */
public final class ReveillePlugin implements Plugin {

  /** For javac. */
  public ReveillePlugin() {}

  @Override
  public String getName() {
    return "Reveille";
  }

  @Override
  public void init(JavacTask task, String... args) {
    if (args.length > 0) {
      throw new IllegalArgumentException("-Xplugin:Reveille takes no arguments: " + args[0]);
    }
    task.addTaskListener(
        new TaskListener() {
          @Override
          public void finished(TaskEvent event) {
            if (event.getKind() == TaskEvent.Kind.ANALYZE) { // once a top-level class
              CaptureScanner.scan(task, event.getCompilationUnit(), event.getTypeElement());
            }
          }
        });
  }
}
