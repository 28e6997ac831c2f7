package dev.reveille.benchmarks.echo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Echo with a virtual thread per connection and blocking streams. Needs JDK 21. */
public final class VirtualThreadServer {
  /** The first release that has them. */
  static final int FIRST_RELEASE = 21;

  private static final int BACKLOG = 50;

  private VirtualThreadServer() {}

  /**
   * Serves until standard input ends.
   *
   * @param args none
   * @throws IOException if the socket can not be opened
   * @throws ReflectiveOperationException if this JDK has no virtual threads
   */
  public static void main(String[] args) throws IOException, ReflectiveOperationException {
    ServerSocket listener = new ServerSocket(0, BACKLOG, InetAddress.getByName("localhost"));
    ExecutorService threads = newVirtualThreadPerTaskExecutor();
    threads.execute(() -> accept(listener, threads));
    ServerControl.serve(listener.getLocalPort());
  }

  /** By reflection: what compiles this knows the API of JDK 17. */
  private static ExecutorService newVirtualThreadPerTaskExecutor()
      throws NoSuchMethodException, IllegalAccessException, InvocationTargetException {
    Object executor =
        Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(/* obj= */ null);
    return (ExecutorService) executor;
  }

  private static void accept(ServerSocket listener, ExecutorService threads) {
    try {
      for (; ; ) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        threads.execute(() -> echo(socket));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void echo(Socket socket) {
    byte[] buffer = new byte[Protocol.BUFFER_SIZE];
    try (socket) {
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
