package dev.reveille.io;

import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

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
}
