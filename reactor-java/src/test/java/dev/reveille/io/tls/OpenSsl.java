package dev.reveille.io.tls;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An {@code openssl} command that talks: what it prints can be waited for. */
final class OpenSsl implements AutoCloseable {
  private final Process process;
  private final StringBuilder output = new StringBuilder();

  /** Runs in a directory with the server's certificate and key. */
  OpenSsl(Rig rig, Path directory, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    rig.start(
        "openssl output",
        () -> {
          try (InputStream in = process.getInputStream()) {
            byte[] bytes = new byte[4096];
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
              synchronized (output) {
                output.append(new String(bytes, 0, n, StandardCharsets.ISO_8859_1));
                output.notifyAll();
              }
            }
          }
          return true;
        });
  }

  static boolean isInstalled() {
    try {
      Process version = new ProcessBuilder("openssl", "version").start();
      version.getOutputStream().close();
      return version.waitFor(20, TimeUnit.SECONDS) && version.exitValue() == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  static void writeKeys(Path directory) throws IOException, GeneralSecurityException {
    Files.writeString(directory.resolve("cert.pem"), TestKeys.server().certificatePem());
    Files.writeString(directory.resolve("key.pem"), TestKeys.server().keyPem());
  }

  void say(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    process.getOutputStream().flush();
  }

  /** Waits until it has printed this. */
  Matcher await(String regex) throws InterruptedException {
    Pattern pattern = Pattern.compile(regex);
    long end = System.nanoTime() + Rig.PATIENCE.toNanos();
    synchronized (output) {
      for (; ; ) {
        Matcher matcher = pattern.matcher(output.toString());
        if (matcher.find()) {
          return matcher;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError("no '" + regex + "' in: " + output);
        }
        output.wait(left);
      }
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
