package dev.reveille.samples.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nothing that the published modules bring along names {@code Unsafe}, neither as a class nor as a
 * string for reflection: JDK 24 and later print a warning where it is used.
 */
class NoUnsafeTest {
  private static final List<String> FORBIDDEN = List.of("sun/misc/Unsafe", "jdk/internal/misc");

  @ParameterizedTest
  @MethodSource("dev.reveille.samples.build.Published#classPath")
  void noClassNamesUnsafe(Path entry) throws IOException {
    assertThat(classesNamingUnsafe(entry)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reveille-runtime|runtime-java.target.classes",
        "reveille-io|reactor-java.target.classes",
        "reveille-callbacks|legacy-callback-shim.target.classes",
        "reveille-kotlin|interop-kotlin.target.classes",
        "kotlin-stdlib",
        "kotlinx-coroutines-core"
      })
  void theClassPathIsComplete(String expected) throws IOException {
    assertThat(Published.classPath())
        .anyMatch(entry -> entry.toString().matches(".*(" + expected + ").*"));
  }

  /** The canary: a class that holds the name as a string is found, in a folder. */
  @Test
  void aClassThatNamesItIsFound() throws IOException {
    assertThat(classesNamingUnsafe(Path.of("target", "test-classes")))
        .anyMatch(name -> name.endsWith("NoUnsafeTest.class"));
  }

  /** And a jar is really opened: every class of the standard library names {@code Metadata}. */
  @Test
  void jarsAreOpened() throws IOException {
    Path stdlib =
        Published.classPath().stream()
            .filter(entry -> entry.toString().contains("kotlin-stdlib"))
            .findFirst()
            .orElseThrow();
    assertThat(classesNaming(stdlib, List.of("kotlin/Metadata"))).hasSizeGreaterThan(100);
  }

  private static List<String> classesNamingUnsafe(Path entry) throws IOException {
    return classesNaming(entry, FORBIDDEN);
  }

  private static List<String> classesNaming(Path entry, List<String> names) throws IOException {
    return Files.isDirectory(entry) ? inFolder(entry, names) : inJar(entry, names);
  }

  private static List<String> inFolder(Path folder, List<String> names) throws IOException {
    List<String> hits = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        try (InputStream in = Files.newInputStream(file)) {
          if (isClass(file.toString()) && constantsName(in, names)) {
            hits.add(file.toString());
          }
        }
      }
    }
    return hits;
  }

  /** Looks at every entry, those for particular Java releases included. */
  private static List<String> inJar(Path jar, List<String> names) throws IOException {
    List<String> hits = new ArrayList<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : (Iterable<JarEntry>) file.stream()::iterator) {
        try (InputStream in = file.getInputStream(entry)) {
          if (isClass(entry.getName()) && constantsName(in, names)) {
            hits.add(entry.getName());
          }
        }
      }
    }
    return hits;
  }

  private static boolean isClass(String name) {
    return name.endsWith(".class");
  }

  /** Whether a text in the constant pool of this class file has one of these names in it. */
  private static boolean constantsName(InputStream classFile, List<String> names)
      throws IOException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(classFile));
    in.skipNBytes(8); // magic, minor and major version
    int count = in.readUnsignedShort();
    for (int index = 1; index < count; index++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> { // Utf8: names of classes, descriptors, and strings
          String text = in.readUTF().replace('.', '/');
          if (names.stream().anyMatch(text::contains)) {
            return true;
          }
        }
        case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
        case 5, 6 -> { // Long and Double take two places
          in.skipNBytes(8);
          index++;
        }
        case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
        case 15 -> in.skipNBytes(3);
        default -> throw new IOException("constant pool tag " + tag);
      }
    }
    return false;
  }
}
