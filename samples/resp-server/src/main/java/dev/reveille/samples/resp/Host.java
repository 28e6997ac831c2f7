package dev.reveille.samples.resp;

import dev.reveille.DispatcherOptions;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.samples.resp.journal.ChannelFactory;
import dev.reveille.samples.resp.journal.FsyncPolicy;
import dev.reveille.samples.resp.server.ConnectionLimits;
import dev.reveille.samples.resp.server.RespServer;
import dev.reveille.samples.resp.server.ServerOptions;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A server with a loop, a thread that drives it, and the pool that files need; for those who call
 * from outside.
 */
public final class Host implements AutoCloseable {
  /** The file of the journal, in its folder. */
  private static final String JOURNAL = "appendonly.journal";

  /** Forcing and writing at the same time, and the callbacks of NIO.2. */
  private static final int FILE_THREADS = 3;

  private final SelectorDispatcher dispatcher;
  private final ExecutorService files;
  private final RespServer server;
  private final Thread thread;
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Set by the loop thread before {@link #ended}. */
  private @Nullable Throwable failure;

  private final SocketAddress address;

  /**
   * Starts a server: replays the journal and listens.
   *
   * @param listenAt where to listen; port 0 lets the system choose
   * @param folder where the journal is; it has to exist
   * @param fsync when the journal is forced to the disk
   * @param limits what a client may cost
   * @throws Exception what is wrong with the journal or the address
   */
  public Host(InetSocketAddress listenAt, Path folder, FsyncPolicy fsync, ConnectionLimits limits)
      throws Exception {
    dispatcher = new SelectorDispatcher(DispatcherOptions.defaults().withName("resp"));
    files = Executors.newFixedThreadPool(FILE_THREADS, Host::fileThread);
    server =
        new RespServer(
            dispatcher,
            dispatcher,
            ChannelFactory.system(files),
            files,
            System::currentTimeMillis,
            new ServerOptions(listenAt, folder.resolve(JOURNAL), fsync, limits));
    try {
      // This thread drives until the server listens; the loop's own thread goes on from there.
      address = dispatcher.runUntil(server.start()).value().localAddress();
    } catch (Throwable t) {
      dispatcher.close();
      files.shutdown();
      throw t;
    }
    thread = new Thread(this::drive, "loop");
    thread.start();
  }

  private static Thread fileThread(Runnable work) {
    Thread t = new Thread(work, "file");
    t.setDaemon(true);
    return t;
  }

  private void drive() {
    try {
      dispatcher.run();
    } catch (Throwable t) {
      failure = t;
    } finally {
      ended.countDown();
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) address;
  }

  /** The loop. */
  public SelectorDispatcher dispatcher() {
    return dispatcher;
  }

  /** The server; on its loop only, but for what it says of itself. */
  public RespServer server() {
    return server;
  }

  /** Waits until the server has ended. */
  public void join() throws InterruptedException {
    ended.await();
  }

  /**
   * Ends the server in order: replies that are due are sent, the journal is written and forced.
   *
   * @throws Exception what the journal says if it has failed, or what ended the loop
   */
  @Override
  public void close() throws Exception {
    try {
      if (!dispatcher.isClosed()) {
        dispatcher.spawn("stop", server.stop()).toCompletableFuture().get();
      }
    } finally {
      dispatcher.close();
      ended.await();
      files.shutdown();
    }
    if (failure != null) {
      throw new IllegalStateException("the loop has failed", failure);
    }
  }
}
