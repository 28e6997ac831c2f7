package dev.reveille.callbacks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callback APIs as pollables: NIO.2, whose handlers are called by threads of its own. */
final class CallbacksTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ NIO.2

  @Test
  void whatIsWrittenToAFileIsReadBack(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("greeting");
    ByteBuffer out = ByteBuffer.wrap("hello".getBytes(UTF_8));
    ByteBuffer in = ByteBuffer.allocate(16);
    try (AsynchronousFileChannel channel =
        AsynchronousFileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {

      Pollable<Integer> write =
          Callbacks.call("write", c -> channel.write(out, 0, null, Callbacks.handler(c)));
      assertThat(loop.runUntil(write).value()).isEqualTo(5);
      Pollable<Integer> read =
          Callbacks.call("read", c -> channel.read(in, 0, null, Callbacks.handler(c)));
      assertThat(loop.runUntil(read).value()).isEqualTo(5);
      Pollable<Integer> end =
          Callbacks.call("read on", c -> channel.read(in, 5, null, Callbacks.handler(c)));
      assertThat(loop.runUntil(end).value()).isEqualTo(-1);
    }
    assertThat(UTF_8.decode(in.flip()).toString()).isEqualTo("hello");
  }

  @Test
  void aChannelThatIsClosedInTheMiddleFailsTheOperation() throws Exception {
    try (AsynchronousServerSocketChannel server = listening()) {
      JoinHandle<AsynchronousSocketChannel> accept =
          loop.spawn(
              Callbacks.<AsynchronousSocketChannel>call(
                  "a connection", c -> server.accept(null, Callbacks.handler(c))));
      Pollable<AsynchronousSocketChannel> join = accept.join();
      loop.runUntilStalled();
      assertThat(loop.snapshot().tasks())
          .extracting(TaskSnapshot::waitReason)
          .containsExactly("a connection");

      server.close();

      assertThatThrownBy(() -> loop.runUntil(join)).isInstanceOf(AsynchronousCloseException.class);
      rig.takeUncaught(); // whether the join was polled before the failure came is a race
    }
  }

  @Test
  void aCallThatThrowsAtOnceFailsTheOperation() throws Exception {
    AsynchronousServerSocketChannel server = listening();
    AtomicReference<Completer<?>> given = new AtomicReference<>();
    server.close();

    Pollable<AsynchronousSocketChannel> accept =
        Callbacks.call(
            "a connection",
            c -> {
              given.set(c);
              server.accept(null, Callbacks.handler(c));
            });

    assertThatThrownBy(() -> loop.runUntil(accept)).isInstanceOf(ClosedChannelException.class);
    assertThat(given.get().isCancelled()).isFalse();
  }

  @Test
  void aConnectionThatComesTooLateIsDisposedOf() throws Exception {
    try (AsynchronousServerSocketChannel server = listening();
        AsynchronousSocketChannel client = AsynchronousSocketChannel.open()) {
      List<AsynchronousSocketChannel> late = new ArrayList<>();
      JoinHandle<AsynchronousSocketChannel> accept =
          loop.spawn(
              Callbacks.<AsynchronousSocketChannel>call(
                  "a connection",
                  CallOptions.<AsynchronousSocketChannel>defaults().onLateValue(late::add),
                  c -> server.accept(null, Callbacks.handler(c))));
      loop.runUntilStalled();
      accept.cancel();
      loop.runUntilStalled();

      Pollable<Void> connect =
          Callbacks.call(
              "connect", c -> client.connect(server.getLocalAddress(), null, voidHandler(c)));
      loop.runUntil(connect);
      Rig.awaitState(
          "the late connection was disposed of",
          () -> {
            loop.runUntilStalled();
            return !late.isEmpty();
          });

      assertThat(late).hasSize(1);
      late.get(0).close();
    }
  }

  private static CompletionHandler<Void, Object> voidHandler(Completer<Void> completer) {
    return Callbacks.handler(completer);
  }

  private static AsynchronousServerSocketChannel listening() throws IOException {
    return AsynchronousServerSocketChannel.open()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  // ------------------------------------------------------------------ the handler

  @Test
  void aHandlerCompletesItsCompleterAndTheFirstCallCounts() throws Exception {
    AtomicReference<CompletionHandler<String, @Nullable Object>> handler = new AtomicReference<>();
    JoinHandle<String> completed = begun(handler);
    handler.get().completed("first", "an attachment");
    handler.get().completed("second", null);
    handler.get().failed(new IOException("third"), null);
    assertThat(loop.runUntil(completed.join()).value()).isEqualTo("first");

    IOException gone = new IOException("gone");
    JoinHandle<String> failed = begun(handler);
    handler.get().failed(gone, new Object());
    handler.get().completed("late", null);
    assertThatThrownBy(() -> loop.runUntil(failed.join())).isSameAs(gone);
    assertThat(rig.takeUncaught()).hasSize(1); // nobody had joined
  }

  private JoinHandle<String> begun(
      AtomicReference<CompletionHandler<String, @Nullable Object>> handler) {
    JoinHandle<String> handle =
        loop.spawn(Callbacks.<String>call("x", c -> handler.set(Callbacks.handler(c))));
    loop.runUntilStalled();
    return handle;
  }

  @Test
  void aHandlerTakesACompleterOfAWiderType() throws Exception {
    Pollable<Object> operation =
        Callbacks.call(
            "x",
            c -> {
              CompletionHandler<Integer, Object> handler = Callbacks.handler(c);
              handler.completed(42, null);
            });

    assertThat(loop.runUntil(operation).value()).isEqualTo(42);
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThatThrownBy(() -> Callbacks.handler(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Callbacks.call("x", null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Callbacks.call(null, c -> {}))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Callbacks.call("x", null, c -> {}))
        .isInstanceOf(NullPointerException.class);
  }
}
