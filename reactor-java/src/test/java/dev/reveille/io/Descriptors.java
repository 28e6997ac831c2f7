package dev.reveille.io;

import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** How many file descriptors this process has: a test of leaks compares. */
final class Descriptors {
  private Descriptors() {}

  static long open() {
    Object system = ManagementFactory.getOperatingSystemMXBean();
    assumeThat(system)
        .as("a system that counts its file descriptors")
        .isInstanceOf(UnixOperatingSystemMXBean.class);
    return ((UnixOperatingSystemMXBean) system).getOpenFileDescriptorCount();
  }

  /**
   * Which ones are open: unlike the number, that does not change for the better when others close
   * theirs meanwhile.
   */
  static Set<String> targets() throws IOException {
    Path folder = Path.of("/proc/self/fd");
    assumeThat(folder).as("a system that lists its file descriptors").isDirectory();
    Set<String> targets = new TreeSet<>();
    try (DirectoryStream<Path> links = Files.newDirectoryStream(folder)) {
      for (Path link : links) {
        try {
          targets.add(Files.readSymbolicLink(link).toString());
        } catch (NoSuchFileException e) {
          // closed since it was listed
          continue;
        }
      }
    }
    return targets;
  }
}
