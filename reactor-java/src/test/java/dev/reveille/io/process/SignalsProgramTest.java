package dev.reveille.io.process;

import static dev.reveille.io.process.Nursery.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import java.io.File;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals that end a process, sent to one that is not this one. */
@Timeout(60)
class SignalsProgramTest {
  private final Nursery nursery = new Nursery();

  @AfterEach
  void close() throws Exception {
    nursery.close();
  }

  private ChildProcess start(List<String> options, String... signals) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), SignalsProgram.class.getName()));
    command.addAll(List.of(signals));
    return nursery.spawn(command.toArray(String[]::new));
  }

  /** Not this JVM's own, which may be that of a test runner. */
  private static String classPath() {
    return Stream.of(BasicDispatcher.class, Signals.class, SignalsProgram.class)
        .map(type -> Path.of(URI.create(location(type))).toString())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String location(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation().toString();
  }

  private String line(ChildProcess child) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(1000);
    StringBuilder line = new StringBuilder();
    while (line.indexOf("\n") < 0 && nursery.await(child.stdout().read(buffer.clear())) >= 0) {
      line.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
    }
    return line.toString().strip();
  }

  private void send(String signal, ChildProcess child) throws Exception {
    ChildProcess kill = nursery.spawn(Nursery.shell("kill -" + signal + " " + child.pid()));
    assertThat(nursery.await(kill.exit())).isZero();
  }

  /** The first is an element; after the stream has ended the second does what it always did. */
  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129", "USR1, 138"})
  void aSignalThatEndsAProcessDoesNotWhileThereIsAStreamAndDoesAfterIt(String signal, int status)
      throws Exception {
    ChildProcess program = start(List.of(), "INT", "TERM", "HUP", "USR1");
    assertThat(line(program)).isEqualTo("ready");
    send(signal, program);
    assertThat(line(program)).isEqualTo("got SIG" + signal + ", and give it back");
    send(signal, program);
    assertThat(nursery.await(program.exit())).isEqualTo(status);
    assertThat(nursery.await(text(program.stderr()))).as("no warning of the JVM").isEmpty();
  }

  @Test
  void withoutTheModuleTheStreamSaysWhatToAdd() throws Exception {
    ChildProcess program = start(List.of("--limit-modules", "java.base"), "TERM");
    assertThat(nursery.await(text(program.stdout())))
        .contains("--add-modules jdk.unsupported")
        .contains("requires jdk.unsupported");
    assertThat(nursery.await(program.exit())).isZero();
    assertThat(nursery.await(text(program.stderr()))).isEmpty();
  }

  @Test
  void aProcessThatWasStartedWithASignalIgnoredGoesOnIgnoringIt() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ChildProcess program =
        nursery.spawn(
            Nursery.shell( // what nohup does
                "trap '' HUP; exec "
                    + String.join(
                        " ", java, "-cp", classPath(), SignalsProgram.class.getName(), "HUP INT")));
    assertThat(line(program)).isEqualTo("ready");
    send("HUP", program);
    send("INT", program);
    assertThat(line(program)).isEqualTo("got SIGINT, and give it back");
    send("HUP", program);
    send("TERM", program);
    assertThat(nursery.await(program.exit())).isEqualTo(143);
  }

  @Test
  void withReducedSignalUsageTheStreamSaysThatTheJvmGivesNone() throws Exception {
    ChildProcess program = start(List.of("-Xrs"), "TERM");
    assertThat(nursery.await(text(program.stdout()))).contains("SIGTERM is kept by the JVM");
    assertThat(nursery.await(program.exit())).isZero();
  }
}
