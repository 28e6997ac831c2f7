package dev.reveille.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitiatorExampleTest {
  @TempDir Path folder;

  @Test
  void aTaskReadsAFileThroughTheCallbacksOfTheJdk() throws Exception {
    Path path = Files.writeString(folder.resolve("hello.txt"), "hello", US_ASCII);
    ByteBuffer buffer = ByteBuffer.allocate(16);
    try (var file = AsynchronousFileChannel.open(path, StandardOpenOption.READ);
        var dispatcher = new BasicDispatcher()) {
      Initiator<Integer> read =
          completer ->
              file.read(
                  buffer,
                  0,
                  completer,
                  new CompletionHandler<Integer, Completer<Integer>>() {
                    @Override
                    public void completed(Integer bytes, Completer<Integer> waiting) {
                      waiting.complete(bytes);
                    }

                    @Override
                    public void failed(Throwable cause, Completer<Integer> waiting) {
                      waiting.fail(cause);
                    }
                  });
      Pollable<Integer> bytes = Completer.pollable("read of a file", read);
      assertThat(dispatcher.runUntil(bytes).value()).isEqualTo(5);
    }
    assertThat(US_ASCII.decode(buffer.flip()).toString()).isEqualTo("hello");
  }
}
