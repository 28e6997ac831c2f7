package dev.reveille.samples.resp;

import dev.reveille.DispatcherSnapshot;
import dev.reveille.diagnostics.Diagnostics;
import dev.reveille.kotlin.DispatcherKt;
import dev.reveille.samples.resp.demo.Workload;
import dev.reveille.samples.resp.demo.WorkloadOptions;
import dev.reveille.samples.resp.demo.WorkloadReport;
import dev.reveille.samples.resp.journal.FsyncPolicy;
import dev.reveille.samples.resp.server.ConnectionLimits;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;

/**
 * A server on a port of loopback, with its journal in a temporary folder, driven for some seconds
 * by a crowd of Jedis clients that check every reply.
 */
final class Demo {
  private Demo() {}

  /** Returns whether every reply was right and all three kinds of code took part. */
  static boolean run(Duration lasting, FsyncPolicy fsync, PrintStream out) throws Exception {
    Path folder = Files.createTempDirectory("resp-server-demo");
    try (Host host =
        new Host(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            folder,
            fsync,
            ConnectionLimits.DEFAULTS)) {
      InetSocketAddress address = host.address();
      out.println("serving on " + address + ", journal in " + folder + ", fsync " + fsync);
      WorkloadReport report =
          new Workload(
                  WorkloadOptions.on(address.getHostString(), address.getPort()).lasting(lasting))
              .run(out::println);
      return report(host, report, out);
    } finally {
      delete(folder);
    }
  }

  private static boolean report(Host host, WorkloadReport report, PrintStream out) {
    String dump = Diagnostics.dump(host.dispatcher());
    DispatcherSnapshot snapshot = host.dispatcher().snapshot();
    long resumptions = DispatcherKt.from(host.dispatcher()).getResumptions();
    out.println();
    out.printf("On the one loop thread, '%s', ran:%n", snapshot.driver());
    out.printf("%,14d callbacks%n", snapshot.callbacks());
    out.printf("%,14d task polls%n", snapshot.taskPolls());
    out.printf("%,14d coroutine resumptions%n", resumptions);
    out.println();
    out.printf(
        "%,d replies checked, %,d a second, %d mismatches%n",
        report.total(), report.perSecond(), report.mismatchCount());
    report.mismatches().forEach(mismatch -> out.println("  " + mismatch));
    out.println();
    out.println(dump);
    return report.isGood()
        && snapshot.callbacks() > 0
        && snapshot.taskPolls() > 0
        && resumptions > 0;
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
