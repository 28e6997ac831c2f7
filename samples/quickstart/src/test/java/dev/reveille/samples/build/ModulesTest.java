package dev.reveille.samples.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tests of this house run on the class path, where a module's descriptor is not looked at. So
 * it is looked at here.
 */
class ModulesTest {
  private static final String RUNTIME = "dev.reveille";
  private static final String IO = "dev.reveille.io";
  private static final String CALLBACKS = "dev.reveille.callbacks";
  private static final String KOTLIN = "dev.reveille.kotlin";

  @ParameterizedTest
  @ValueSource(strings = {RUNTIME, IO, CALLBACKS, KOTLIN})
  void everyPackageIsExportedToAll(String module) throws IOException {
    ModuleDescriptor descriptor = descriptor(module);
    assertThat(descriptor.exports())
        .allMatch(exports -> !exports.isQualified())
        .extracting(ModuleDescriptor.Exports::source)
        .containsExactlyInAnyOrderElementsOf(descriptor.packages());
  }

  @Test
  void theRuntimeNeedsTheJdkOnly() throws IOException {
    assertThat(neededAtRunTime(RUNTIME)).isSubsetOf("java.base");
  }

  @Test
  void reactorShimAndKotlinStandOnTheRuntimeAndNotOnEachOther() throws IOException {
    assertThat(neededAtRunTime(IO)).containsExactlyInAnyOrder("java.base", RUNTIME);
    assertThat(neededAtRunTime(CALLBACKS)).containsExactlyInAnyOrder("java.base", RUNTIME);
    assertThat(neededAtRunTime(KOTLIN))
        .containsExactlyInAnyOrder(
            "java.base", RUNTIME, "kotlin.stdlib", "kotlinx.coroutines.core");
  }

  private static Set<String> neededAtRunTime(String module) throws IOException {
    return descriptor(module).requires().stream()
        .filter(
            requires -> !requires.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
        .map(ModuleDescriptor.Requires::name)
        .collect(Collectors.toSet());
  }

  private static ModuleDescriptor descriptor(String module) throws IOException {
    Path[] path = Published.classPath().toArray(Path[]::new);
    return ModuleFinder.of(path).find(module).orElseThrow().descriptor();
  }
}
