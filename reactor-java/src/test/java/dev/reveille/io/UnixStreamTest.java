package dev.reveille.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stream sockets of the Unix domain: the same interfaces, and a file. */
final class UnixStreamTest {
  private final SelectorDispatcher loop = new SelectorDispatcher();

  @TempDir Path directory;

  @AfterEach
  void close() {
    loop.close();
  }

  private Path file() {
    return directory.resolve("socket");
  }

  private UnixDomainSocketAddress address() {
    return UnixDomainSocketAddress.of(file());
  }

  @Test
  void bytesGoBothWaysAndEndsAreSeen() throws Exception {
    Ends ends = Ends.at(loop, address(), ListenOptions.defaults().withReceiveBuffer(64 * 1024));
    assertThat(ends.client.remoteAddress()).isEqualTo(address());
    assertThat(ends.server.localAddress()).isEqualTo(address());
    assertThat(ends.client.localAddress()).isEqualTo(UnixDomainSocketAddress.of(""));

    loop.runUntil(ends.client.write(ByteBuffer.wrap("question".getBytes(US_ASCII))));
    ends.client.shutdownOutput();
    assertThat(Ends.readAll(loop, ends.server)).isEqualTo("question");
    loop.runUntil(ends.server.write(ByteBuffer.wrap("answer".getBytes(US_ASCII))));
    ends.server.close();
    assertThat(Ends.readAll(loop, ends.client)).isEqualTo("answer");
    assertThatThrownBy(() -> ends.client.setOption(StandardSocketOptions.TCP_NODELAY, true))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aWriteToAPeerThatHasGoneIsAReset() throws Exception {
    Ends ends = Ends.at(loop, address(), ListenOptions.defaults());
    ends.server.close();
    assertThatThrownBy(() -> ends.client.tryWrite(ByteBuffer.allocate(1)))
        .isInstanceOf(ConnectionResetException.class);
    assertThat(Ends.readAll(loop, ends.client)).isEmpty(); // it had closed in order
  }

  @Test
  void theFileIsDeletedWithTheListener() throws Exception {
    TcpListener listener = loop.listen(address());
    assertThat(file()).exists();
    assertThat(listener.localAddress()).isEqualTo(address());
    listener.close();
    listener.close();
    assertThat(file()).doesNotExist();
    loop.listen(address()).close(); // and again
  }

  @Test
  void theFileIsDeletedWithTheDispatcher() throws Exception {
    try (SelectorDispatcher other = new SelectorDispatcher()) {
      other.listen(address());
      assertThat(file()).exists();
    }
    assertThat(file()).doesNotExist();
  }

  @Test
  void theFileOfASuccessorIsLeftAlone() throws Exception {
    TcpListener first = loop.listen(address());
    Files.delete(file());
    try (TcpListener second = loop.listen(address())) {
      first.close();
      assertThat(file()).exists();
      assertThat(second.isOpen()).isTrue();
      assertThat(loop.runUntil(loop.connect(address())).value().isOpen()).isTrue();
    }
  }

  @Test
  void aFileThatWasDeletedBeforeIsNoFailure() throws Exception {
    TcpListener listener = loop.listen(address());
    Files.delete(file());
    listener.close();
    assertThat(listener.isOpen()).isFalse();
  }

  @Test
  void aStaleFileIsCalledByItsName() throws Exception {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(address());
    } // leaves its file behind
    assertThatThrownBy(() -> loop.listen(address()))
        .isInstanceOf(BindException.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining("delete it");
    assertThat(file()).exists();
    assertThatThrownBy(() -> loop.runUntil(loop.connect(address())))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining(file().toString());
    assertThat(loop.registrations.size()).isZero();
  }

  @Test
  void aPathWhereNothingIsCanNotBeConnectedTo() {
    assertThatThrownBy(() -> loop.runUntil(loop.connect(address())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file().toString());
  }
}
