package dev.reveille.samples.build;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import dev.reveille.Pollable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packages of the house stand on each other in one order, and a package knows only what it
 * stands on. Class files are read, not sources: a use without an import counts as well.
 */
class PackageLayersTest {
  private static final String ROOT = "dev.reveille";

  /** From the ground up. A new package takes its place here. */
  private static final List<String> RUNTIME =
      List.of(
          ROOT,
          ROOT + ".spi",
          ROOT + ".combine",
          ROOT + ".sync",
          ROOT + ".callback",
          ROOT + ".diagnostics",
          ROOT + ".testing");

  private static final List<String> REACTOR =
      List.of(ROOT + ".io.buffer", ROOT + ".io", ROOT + ".io.framing");

  /** On top of the reactor, and strangers to each other, as the neighbours below are. */
  private static final List<String> ON_THE_REACTOR =
      List.of(ROOT + ".io.tls", ROOT + ".io.file", ROOT + ".io.process");

  /** On top of the runtime, and strangers to each other and to the reactor. */
  private static final List<String> NEIGHBOURS =
      List.of(
          ROOT + ".callbacks",
          ROOT + ".callbacks.executors",
          ROOT + ".callbacks.ledger",
          ROOT + ".kotlin");

  /** On top of the shim, one for each library, and strangers to each other. */
  private static final List<String> ON_THE_SHIM =
      List.of(ROOT + ".callbacks.netty", ROOT + ".callbacks.guava", ROOT + ".callbacks.grpc");

  /** On top of the coroutines. */
  private static final List<String> ON_KOTLIN = List.of(ROOT + ".kotlin.test");

  private static final JavaClasses HOUSE = read();

  /** A package, and those of the house that it may not know. */
  record Layer(String name, Set<String> strangers) {}

  static Stream<Layer> layers() {
    List<String> all = new ArrayList<>(RUNTIME);
    all.addAll(REACTOR);
    all.addAll(ON_THE_REACTOR);
    all.addAll(NEIGHBOURS);
    all.addAll(ON_THE_SHIM);
    all.addAll(ON_KOTLIN);
    return all.stream()
        .map(
            name -> {
              Set<String> strangers = new HashSet<>(all);
              if (ON_THE_REACTOR.contains(name)) {
                RUNTIME.forEach(strangers::remove);
                REACTOR.forEach(strangers::remove);
                strangers.remove(name);
              } else if (NEIGHBOURS.contains(name)) {
                RUNTIME.forEach(strangers::remove);
                strangers.remove(name);
              } else if (ON_THE_SHIM.contains(name)) {
                RUNTIME.forEach(strangers::remove);
                strangers.remove(ROOT + ".callbacks");
                strangers.remove(name);
              } else if (ON_KOTLIN.contains(name)) {
                RUNTIME.forEach(strangers::remove);
                strangers.remove(ROOT + ".kotlin");
                strangers.remove(name);
              } else {
                strangers.removeAll(all.subList(0, all.indexOf(name) + 1));
              }
              return new Layer(name, strangers);
            });
  }

  @ParameterizedTest
  @MethodSource("layers")
  void aPackageKnowsOnlyWhatItStandsOn(Layer layer) {
    knowsNothingOf(layer).check(HOUSE);
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    assertThat(HOUSE)
        .extracting(JavaClass::getPackageName)
        .contains(ROOT, ROOT + ".io")
        .isSubsetOf(layers().map(Layer::name).toList());
  }

  /** The module says so too, but on the class path only the packages are asked. */
  @Test
  void everyPackageOfJavaIsNullMarked() {
    assertThat(HOUSE)
        .filteredOn(type -> !type.getPackageName().startsWith(ROOT + ".kotlin"))
        .allMatch(type -> type.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked"));
  }

  @ParameterizedTest
  @ValueSource(strings = {ROOT, ROOT + ".io"})
  void runtimeAndReactorNeedOnlyTheJdkAndNullnessAnnotations(String module) {
    classes()
        .that()
        .resideInAPackage(module + "..")
        .and()
        .resideOutsideOfPackages(ROOT + ".kotlin..", ROOT + ".callbacks..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "..",
            "java..",
            "javax.swing",
            "javax.net.ssl",
            "javax.security..",
            "jdk..",
            "sun.misc",
            "org.jspecify.annotations")
        .check(HOUSE);
  }

  /** The canary: a rule that cannot fail proves nothing. */
  @Test
  void aForbiddenUseIsFound() {
    JavaClasses upstairs = new ClassFileImporter().importClasses(KnowsPollable.class);
    ArchRule rule = knowsNothingOf(new Layer(ROOT + ".samples.build", Set.of(ROOT)));
    assertThatThrownBy(() -> rule.check(upstairs)).hasMessageContaining("KnowsPollable");
  }

  private static ArchRule knowsNothingOf(Layer layer) {
    return noClasses()
        .that()
        .resideInAPackage(layer.name())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(layer.strangers().toArray(String[]::new))
        .allowEmptyShould(true); // a package of the plan that has no class yet
  }

  private static JavaClasses read() {
    try {
      List<Location> ours = new ArrayList<>();
      for (Path entry : Published.classPath()) {
        if (Files.isDirectory(entry)) {
          ours.add(Location.of(entry));
        } else if (entry.getFileName().toString().startsWith("reveille-")) {
          ours.add(Location.of(new JarFile(entry.toFile())));
        }
      }
      return new ClassFileImporter().importLocations(ours);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface KnowsPollable {
    Pollable<?> pollable();
  }
}
