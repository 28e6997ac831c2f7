package dev.reveille.stress;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs the jcstress tests on the runtime as it is, where none may find anything; and then on its
 * mutants, each of which has to be caught by its test. Exits with 1 if that is not so.
 *
 * <pre>
 * java -cp ... dev.reveille.stress.StressMain [short|full] [tests|mutants|all] [FOLDER] [REGEX]
 * </pre>
 *
 * <p>It reads the sources of the runtime: the working folder is to be inside the repository.
 */
public final class StressMain {
  private static final List<String> ALWAYS = List.of("-f", "1", "-c", "2", "-sc", "false");

  /** Some hundred thousand races a test, at first interpreted, then compiled by C2. */
  private static final List<String> SHORT =
      List.of("-time", "150", "-jvmArgs", "-XX:-TieredCompilation");

  /** Each compiler, and C2 with its passes in random order: some twenty minutes. */
  private static final List<String> FULL = List.of("-time", "1000");

  private static final int FULL_ITERATIONS = 3;

  /** A mutant that was not caught is tried again, for so many times as long. */
  private static final int[] PATIENCE = {1, 5, 25};

  private final boolean full;
  private final Path work;
  private final String tests;
  private final String classPath = absoluteClassPath();
  private boolean good = true;

  private StressMain(boolean full, Path work, String tests) {
    this.full = full;
    this.work = work;
    this.tests = tests;
  }

  /**
   * The program.
   *
   * @param args mode, what to run, the folder for reports, and a regular expression that is to be
   *     found in the name of a test for it to be run; from the end, all may be left out
   * @throws Exception if jcstress or the compiler can not be run
   */
  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    String mode = words.isEmpty() ? "short" : words.get(0);
    String what = words.size() < 2 ? "all" : words.get(1);
    Path work = Path.of(words.size() < 3 ? "jcstress" : words.get(2)).toAbsolutePath();
    if (!List.of("short", "full").contains(mode)
        || !List.of("tests", "mutants", "all").contains(what)) {
      System.err.println("usage: StressMain [short|full] [tests|mutants|all] [FOLDER] [REGEX]");
      System.exit(2);
    }
    String tests = words.size() < 4 ? ".*" : words.get(3);
    StressMain main = new StressMain(mode.equals("full"), work, tests);
    if (!what.equals("mutants")) {
      main.runTests();
    }
    if (!what.equals("tests")) {
      main.runMutants();
    }
    System.exit(main.good ? 0 : 1);
  }

  private void runTests() throws IOException, InterruptedException {
    System.out.println("jcstress: the runtime as it is");
    Jcstress jcstress =
        new Jcstress(
            work.resolve("tests"),
            classPath,
            full ? arguments(FULL, FULL_ITERATIONS, tests) : arguments(SHORT, 1, tests),
            full);
    Map<String, Jcstress.Result> results = jcstress.run();
    results.forEach(
        (test, r) -> {
          System.out.printf("  %-6s %,12d races  %s%n", r.verdict(), r.samples(), test);
          good &= r.verdict().equals("OK");
        });
    System.out.println("  report: " + jcstress.log());
  }

  private void runMutants() throws IOException, InterruptedException {
    System.out.println("jcstress: mutants, each of which is to be caught");
    Path folder = work.resolve("mutants");
    delete(folder);
    Pattern chosen = Pattern.compile(tests);
    List<Mutant> left =
        Mutants.all().stream().filter(m -> chosen.matcher(m.testName()).find()).toList();
    if (left.isEmpty()) {
      return;
    }
    Path classes = new MutantSources(findRoot()).build(left, folder);
    String mutantPath = classes + File.pathSeparator + classPath;
    for (int patience : PATIENCE) {
      left = uncaught(left, patience, mutantPath, folder.resolve("x" + patience));
      if (left.isEmpty()) {
        return;
      }
    }
    good = false;
    for (Mutant mutant : left) {
      System.out.printf("  NOT CAUGHT by %s: %s%n", mutant.testName(), mutant.story());
    }
  }

  /** Returns those that survived. */
  private static List<Mutant> uncaught(
      List<Mutant> mutants, int patience, String classPath, Path folder)
      throws IOException, InterruptedException {
    String tests =
        mutants.stream()
            .map(mutant -> Pattern.quote(mutant.testName()) + "$")
            .collect(Collectors.joining("|", "(", ")"));
    Map<String, Jcstress.Result> results =
        new Jcstress(folder, classPath, arguments(SHORT, patience, tests), false).run();
    List<Mutant> survivors = new ArrayList<>();
    for (Mutant mutant : mutants) {
      Jcstress.Result r = results.get(mutant.testName());
      if (r == null || r.forbidden() == 0) {
        survivors.add(mutant);
      } else {
        System.out.printf(
            "  caught %,9d of %,9d races  %s, by %s%n",
            r.forbidden(), r.samples(), mutant.name(), mutant.test());
      }
    }
    return survivors;
  }

  private static List<String> arguments(List<String> mode, int iterations, String tests) {
    List<String> arguments = new ArrayList<>(ALWAYS);
    arguments.addAll(mode);
    arguments.addAll(List.of("-iters", String.valueOf(iterations), "-t", tests));
    return arguments;
  }

  /** jcstress runs in another folder. */
  private static String absoluteClassPath() {
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getProperty("java.class.path"))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Path findRoot() {
    Path start = Path.of("").toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve("runtime-java/src/main/java"))) {
        return folder;
      }
    }
    throw new IllegalStateException("no sources of the runtime in or above " + start);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      List<Path> deepestFirst = new ArrayList<>(files.toList());
      Collections.reverse(deepestFirst);
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    }
  }
}
