package dev.reveille.build;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.reveille.Pollable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The packages of the runtime stand on each other in one order, and a package knows only what it
 * stands on. Class files are read, not sources: a use without an import counts as well.
 */
class PackageLayersTest {
  private static final String ROOT = "dev.reveille";

  /** From the ground up. A new package takes its place here. */
  static final List<String> LAYERS =
      List.of(
          ROOT,
          ROOT + ".spi",
          ROOT + ".callback",
          ROOT + ".combine",
          ROOT + ".sync",
          ROOT + ".diagnostics",
          ROOT + ".testing");

  private static final JavaClasses RUNTIME =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @ParameterizedTest
  @FieldSource("LAYERS")
  void aPackageKnowsOnlyWhatItStandsOn(String layer) {
    List<String> above = LAYERS.subList(LAYERS.indexOf(layer) + 1, LAYERS.size());
    knowsNothingOf(layer, above).check(RUNTIME);
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    assertThat(RUNTIME).extracting(JavaClass::getPackageName).contains(ROOT).isSubsetOf(LAYERS);
  }

  /** The module says so too, but on the class path only the packages are asked. */
  @Test
  void everyPackageIsNullMarked() {
    assertThat(RUNTIME)
        .allMatch(type -> type.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked"));
  }

  @Test
  void theRuntimeNeedsOnlyTheJdkAndNullnessAnnotations() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "..", "java..", "javax.swing", "jdk..", "org.jspecify.annotations")
        .check(RUNTIME);
  }

  /** The canary: a rule that cannot fail proves nothing. */
  @Test
  void aForbiddenUseIsFound() {
    JavaClasses upstairs = new ClassFileImporter().importClasses(KnowsPollable.class);
    ArchRule rule = knowsNothingOf(ROOT + ".build", List.of(ROOT));
    assertThatThrownBy(() -> rule.check(upstairs)).hasMessageContaining("KnowsPollable");
  }

  private static ArchRule knowsNothingOf(String layer, List<String> above) {
    return noClasses()
        .that()
        .resideInAPackage(layer)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(above.toArray(String[]::new))
        .allowEmptyShould(true); // a package of the plan that has no class yet
  }

  private interface KnowsPollable {
    Pollable<?> pollable();
  }
}
