package dev.reveille.io.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What this process holds at a moment: descriptors by kind, direct memory, threads.
 *
 * <p><b>Descriptors</b> are those of {@code /proc/self/fd} that are no files: the class loader
 * opens jars when it likes. They account for the selector's keys too: a socket that is registered
 * keeps its descriptor after {@code close()} until the selector has let go of its key, so when the
 * descriptors are back, no closed channel has a key left. {@link #registrations} is what the kernel
 * itself says of the interest that selectors have in sockets.
 *
 * <p><b>Direct memory.</b> The JDK reads and writes heap buffers by way of direct ones, and keeps
 * those per thread ({@code sun.nio.ch.Util}; {@code -Djdk.nio.maxCachedBufferSize} bounds the size
 * of one) until the thread ends. So the account is exact only after the threads that did I/O have
 * ended: {@link NothingLeaks} runs each test in a thread of its own.
 */
record Holdings(Map<String, Integer> descriptors, long directMemory, Set<Thread> threads) {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /** Whether the system tells; the accounts of descriptors are empty otherwise. */
  static final boolean DESCRIPTORS_ARE_KNOWN = Files.isDirectory(DESCRIPTORS);

  /** Threads that the JDK or JUnit start when they are first needed, and keep. */
  private static final List<String> OF_OTHERS =
      List.of("process reaper", "junit", "Common-Cleaner", "Cleaner-", "ForkJoinPool.commonPool");

  static {
    warmUp();
  }

  /** Descriptors that the JDK opens once, when the first socket or selector is made. */
  private static void warmUp() {
    try (Selector selector = Selector.open();
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      client.setSoLinger(true, 0);
      accepted.setSoLinger(true, 0);
      Pipe pipe = Pipe.open();
      pipe.source().configureBlocking(false).register(selector, SelectionKey.OP_READ);
      selector.selectNow();
      pipe.source().close();
      pipe.sink().close();
      selector.selectNow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Holdings now() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(t -> OF_OTHERS.stream().anyMatch(t.getName()::contains));
    return new Holdings(openDescriptors(), directMemoryNow(), threads);
  }

  /**
   * What is there now and was not then; empty if all is as it was. Less than then is no leak: a
   * collection may have closed what an earlier test had dropped.
   */
  List<String> differences(Holdings then) {
    List<String> differences = new ArrayList<>();
    descriptors.forEach(
        (kind, now) -> {
          int before = then.descriptors.getOrDefault(kind, 0);
          if (now > before) {
            differences.add(kind + ": " + before + " before, " + now + " now");
          }
        });
    if (directMemory > then.directMemory) {
      differences.add(
          "direct memory: " + then.directMemory + " bytes before, " + directMemory + " now");
    }
    for (Thread thread : threads) {
      if (!then.threads.contains(thread)) {
        differences.add("thread '" + thread.getName() + "' lives on");
      }
    }
    return differences;
  }

  /** How many sockets this process holds. */
  static int sockets() {
    return openDescriptors().getOrDefault("socket", 0);
  }

  static long directMemoryNow() {
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      if (pool.getName().equals("direct")) {
        return pool.getMemoryUsed();
      }
    }
    throw new AssertionError("the JVM has no account of direct memory");
  }

  /** Sockets that any selector of this process is interested in, as the kernel has it. */
  static int registrations() {
    return sumOfInfo("[eventpoll]", "tfd:", false);
  }

  /**
   * Wake-ups that were asked of the selectors of this process, and that no select has taken yet.
   */
  static int untakenWakeUps() {
    return sumOfInfo("[eventfd]", "eventfd-count:", true);
  }

  private static Map<String, Integer> openDescriptors() {
    Map<String, Integer> kinds = new TreeMap<>();
    for (Map.Entry<Path, String> each : links().entrySet()) {
      String target = each.getValue();
      if (!target.startsWith("/")) {
        kinds.merge(target.replaceAll(":\\[[0-9]+]$", ""), 1, Integer::sum);
      }
    }
    return kinds;
  }

  private static Map<Path, String> links() {
    Map<Path, String> links = new TreeMap<>();
    if (!DESCRIPTORS_ARE_KNOWN) {
      return links;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path each : all) {
        try {
          links.put(each, Files.readSymbolicLink(each).toString());
        } catch (NoSuchFileException e) {
          continue; // closed meanwhile, as the one that reads this directory is
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return links;
  }

  /** Lines of {@code /proc/self/fdinfo}, counted, or their numbers (hexadecimal) added up. */
  private static int sumOfInfo(String kind, String line, boolean values) {
    int sum = 0;
    for (Map.Entry<Path, String> each : links().entrySet()) {
      if (!each.getValue().endsWith(kind)) {
        continue;
      }
      // Not by a channel, which would leave a direct buffer in this thread.
      Path info = Path.of("/proc/self/fdinfo").resolve(each.getKey().getFileName());
      try (InputStream in = new FileInputStream(info.toFile())) {
        for (String text : new String(in.readAllBytes(), US_ASCII).split("\n")) {
          if (text.startsWith(line)) {
            sum += values ? Integer.parseInt(text.substring(line.length()).trim(), 16) : 1;
          }
        }
      } catch (FileNotFoundException e) {
        continue; // closed meanwhile
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return sum;
  }
}
