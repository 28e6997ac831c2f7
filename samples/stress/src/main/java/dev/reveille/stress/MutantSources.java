package dev.reveille.stress;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Makes the mutants: for each, a copy of the runtime's scheduler, of what else the one test uses,
 * and of that test, in a package of its own, with its edits applied. So all of them fit into one
 * run of jcstress.
 */
final class MutantSources {
  /** What the packages of the mutants begin with. */
  static final String PACKAGE = "dev.reveille.mutant";

  private static final String ORIGINAL = "dev.reveille";

  /** What a test takes from another package of the runtime, which is copied then, too. */
  private static final Pattern IMPORT = Pattern.compile("import dev\\.reveille\\.([a-z]+)\\.");

  private static final Path PACKAGE_PATH = Path.of("src/main/java/dev/reveille");

  private final Path runtime;
  private final Path tests;

  /**
   * Finds the sources.
   *
   * @param root the root of the repository
   */
  MutantSources(Path root) {
    this.runtime = root.resolve("runtime-java").resolve(PACKAGE_PATH);
    this.tests = root.resolve("samples/stress").resolve(PACKAGE_PATH);
  }

  /**
   * Writes and compiles mutants.
   *
   * @param mutants which ones
   * @param work an empty folder for sources and classes
   * @return the folder of the classes
   */
  Path build(List<Mutant> mutants, Path work) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Mutant mutant : mutants) {
      files.addAll(write(mutant, work.resolve("sources")));
    }
    Path classes = Files.createDirectories(work.resolve("classes"));
    compile(files, classes);
    return classes;
  }

  private List<Path> write(Mutant mutant, Path sources) throws IOException {
    String name = PACKAGE + "." + mutant.name();
    Path folder = Files.createDirectories(sources.resolve(name.replace('.', '/')));
    Set<String> edited = new HashSet<>();
    List<Path> written = new ArrayList<>();
    for (Path file : files(mutant)) {
      String source = Files.readString(file, UTF_8);
      for (Mutant.Edit edit : mutant.edits()) {
        if (file.endsWith(edit.file() + ".java")) {
          source = edit.apply(source);
          edited.add(edit.file());
        }
      }
      Path copy =
          file.startsWith(runtime)
              ? folder.resolve(runtime.relativize(file))
              : folder.resolve(file.getFileName());
      Files.createDirectories(copy.getParent());
      written.add(Files.writeString(copy, source.replace(ORIGINAL, name), UTF_8));
    }
    for (Mutant.Edit edit : mutant.edits()) {
      if (!edited.contains(edit.file())) {
        throw new IllegalStateException("there is no " + edit.file() + ".java in " + runtime);
      }
    }
    return written;
  }

  private List<Path> files(Mutant mutant) throws IOException {
    Path test = tests.resolve(mutant.test().replaceFirst("\\..*", "") + ".java");
    List<Path> files = new ArrayList<>(sources(runtime));
    for (String room : rooms(test)) {
      files.addAll(sources(runtime.resolve(room)));
    }
    files.add(tests.resolve("Rig.java"));
    files.add(tests.resolve("Meeting.java"));
    files.add(test);
    return files;
  }

  /** The packages that a test imports from, and those that they import from. */
  private Set<String> rooms(Path test) throws IOException {
    Set<String> rooms = new TreeSet<>();
    Deque<Path> unread = new ArrayDeque<>(List.of(test));
    while (!unread.isEmpty()) {
      Matcher imports = IMPORT.matcher(Files.readString(unread.pop(), UTF_8));
      while (imports.find()) {
        if (rooms.add(imports.group(1))) {
          unread.addAll(sources(runtime.resolve(imports.group(1))));
        }
      }
    }
    return rooms;
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> sources = Files.list(folder)) {
      return sources
          .filter(file -> file.toString().endsWith(".java") && !file.endsWith("package-info.java"))
          .toList();
    }
  }

  /** Compiles, with jcstress as the annotation processor that makes the tests' runners. */
  private static void compile(List<Path> files, Path classes) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException("mutants have to be compiled: run this with a JDK");
    }
    String path = System.getProperty("java.class.path");
    StringWriter output = new StringWriter();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, UTF_8)) {
      List<String> options =
          List.of("-d", classes.toString(), "-cp", path, "-processorpath", path, "-nowarn");
      boolean compiled =
          compiler
              .getTask(
                  output, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
              .call();
      if (!compiled) {
        throw new IllegalStateException("a mutant does not compile:\n" + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
