package dev.reveille.stress;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The runtime with one step weakened, and the test that is to catch it.
 *
 * @param name its name, which is also the last part of the package that its copy of the sources
 *     gets
 * @param test the simple name of the test, with that of the class around it
 * @param story what is weakened
 * @param edits what that means in the sources
 */
record Mutant(String name, String test, String story, List<Edit> edits) {

  /**
   * One replacement in one source file of the runtime. White space in the old text stands for any
   * white space, so that formatting does not matter; what else has changed in the sources has to be
   * changed here, too.
   *
   * @param file the simple name of the class
   * @param before the text to be replaced, wherever it stands
   * @param after the text to stand there instead
   */
  record Edit(String file, String before, String after) {

    String apply(String source) {
      StringBuilder regex = new StringBuilder();
      for (String word : before.strip().split("\\s+")) {
        regex.append(regex.isEmpty() ? "" : "\\s+").append(Pattern.quote(word));
      }
      Matcher matcher = Pattern.compile(regex.toString()).matcher(source);
      if (!matcher.find()) {
        throw new IllegalStateException(
            file + ".java has changed: there is no '" + before + "' in it; mend Mutants.java");
      }
      return matcher.replaceAll(Matcher.quoteReplacement(after));
    }
  }

  static Mutant of(String test, String name, String story, Edit... edits) {
    return new Mutant(name, test, story, List.of(edits));
  }

  /** The name that jcstress knows the test by: nested classes are joined by a dot. */
  String testName() {
    return MutantSources.PACKAGE + "." + name + "." + test;
  }
}
