package dev.reveille.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles with the plugin, and keeps what it says. */
final class Compiled {
  private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

  private Compiled() {}

  /** The warnings for a class that is given as text. */
  static List<String> warningsIn(String source) {
    return warnings(
        List.of(
            new SimpleJavaFileObject(
                URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
              @Override
              public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return source;
              }
            }));
  }

  /** The warnings for files. */
  static List<String> warningsIn(List<Path> files) {
    List<JavaFileObject> sources = new ArrayList<>();
    try (StandardJavaFileManager manager = JAVAC.getStandardFileManager(null, null, UTF_8)) {
      manager.getJavaFileObjectsFromPaths(files).forEach(sources::add);
      return warnings(sources);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> warnings(List<JavaFileObject> sources) {
    String path = System.getProperty("java.class.path");
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    boolean compiled =
        JAVAC
            .getTask(
                null,
                null,
                diagnostics,
                List.of(
                    "-Xplugin:Reveille",
                    "-cp",
                    path,
                    "-processorpath",
                    path,
                    "-proc:none",
                    "-implicit:none",
                    "-XDshould-stop.ifNoError=FLOW"),
                null,
                sources)
            .call();
    List<String> said = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> d : diagnostics.getDiagnostics()) {
      if (d.getKind() == Diagnostic.Kind.ERROR) {
        throw new AssertionError(d.toString());
      }
      String text = d.getMessage(Locale.ENGLISH);
      if (text.contains("[PollableCapture]")) {
        JavaFileObject source = d.getSource();
        said.add((source == null ? "" : source.getName()) + ":" + d.getLineNumber() + ": " + text);
      }
    }
    if (!compiled) {
      throw new AssertionError("not compiled: " + diagnostics.getDiagnostics());
    }
    return said;
  }
}
