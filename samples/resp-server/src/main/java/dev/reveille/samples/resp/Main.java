package dev.reveille.samples.resp;

import dev.reveille.samples.resp.server.ConnectionLimits;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;

/** {@code --serve} or {@code --demo}. */
public final class Main {
  private Main() {}

  /**
   * Runs the server.
   *
   * @param args see {@link Arguments#USAGE}
   * @throws Exception what is wrong with the journal or the address
   */
  public static void main(String... args) throws Exception {
    Arguments arguments;
    try {
      arguments = Arguments.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(Arguments.USAGE);
      System.exit(2);
      return;
    }
    if (arguments.demo()) {
      System.exit(Demo.run(arguments.lasting(), arguments.fsync(), System.out) ? 0 : 1);
    }
    serve(arguments, System.out);
  }

  private static void serve(Arguments arguments, PrintStream out) throws Exception {
    Files.createDirectories(arguments.folder());
    Host host =
        new Host(
            new InetSocketAddress(arguments.port()),
            arguments.folder(),
            arguments.fsync(),
            ConnectionLimits.DEFAULTS);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    host.close();
                    out.println("bye");
                  } catch (Exception e) {
                    System.err.println("the server did not end in order: " + e);
                  }
                },
                "shutdown"));
    out.println("ready on port " + host.address().getPort());
    host.join();
  }
}
