package dev.reveille.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.io.file.AsyncFile;
import dev.reveille.io.file.Copy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AsyncFileExampleTest {
  private final BasicDispatcher dispatcher = new BasicDispatcher();
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  @TempDir Path folder;

  @AfterEach
  void close() {
    dispatcher.close();
    threads.shutdown();
  }

  static Pollable<Complete> append(AsyncFile journal, long end, ByteBuffer record) {
    return Pollables.then(journal.write(record, end), written -> journal.force(false));
  }

  @Test
  void aRecordIsAppendedToAJournal() throws Exception {
    Path path = Files.writeString(folder.resolve("journal"), "one,");
    AsyncFile journal = dispatcher.runUntil(AsyncFile.open(threads, path, WRITE)).value();
    long end = dispatcher.runUntil(journal.size()).value();
    ByteBuffer record = ByteBuffer.wrap("two".getBytes(US_ASCII));

    assertThat(dispatcher.runUntil(append(journal, end, record)).isReady()).isTrue();

    assertThat(path).hasContent("one,two");
  }

  @Test
  void aFileIsCopiedWithProgressAndForced() throws Exception {
    Path source = Files.write(folder.resolve("source"), new byte[3 << 20]);
    Path target = folder.resolve("target");
    AsyncFile from = dispatcher.runUntil(AsyncFile.open(threads, source)).value();
    AsyncFile to = dispatcher.runUntil(AsyncFile.open(threads, target, WRITE, CREATE)).value();
    List<String> log = new ArrayList<>();

    Copy copy = Copy.of(from, to).onProgress(1 << 20, bytes -> log.add(bytes + " bytes"));
    Pollable<Complete> onDisk = Pollables.then(copy, bytes -> to.force(true));
    assertThat(dispatcher.runUntil(onDisk).isReady()).isTrue();

    assertThat(log).isEqualTo(List.of("1048576 bytes", "2097152 bytes", "3145728 bytes"));
    assertThat(Files.readAllBytes(target)).hasSize(3 << 20).containsOnly(0);
  }
}
