package dev.reveille.samples.resp.server;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import dev.reveille.WakerSlot;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.executors.DispatcherExecutorService;
import dev.reveille.io.Network;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import dev.reveille.samples.resp.command.CommandExecutor;
import dev.reveille.samples.resp.command.ServerInfo;
import dev.reveille.samples.resp.command.Sessions;
import dev.reveille.samples.resp.journal.ChannelFactory;
import dev.reveille.samples.resp.journal.FsyncPolicy;
import dev.reveille.samples.resp.journal.Journal;
import dev.reveille.samples.resp.journal.ReplayResult;
import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.protocol.RequestLimits;
import dev.reveille.samples.resp.protocol.RequestParser;
import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.Keyspace;
import dev.reveille.samples.resp.store.KeyspaceListener;
import dev.reveille.samples.resp.suspending.SuspendCommands;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.nio.channels.CompletionHandler;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A server that speaks the Redis protocol, on one loop, with each part in the style in which a team
 * would have it in the middle of a migration: connections are poll tasks, the journal is callback
 * code that is reached through the shim, commands that wait are suspend functions, and the
 * clockwork that syncs the journal is a {@code ScheduledExecutorService} that happens to be the
 * same loop.
 *
 * <p>On the loop only, but for the constructor.
 */
public final class RespServer {
  private static final Logger LOGGER = System.getLogger(RespServer.class.getName());

  /** How long clients may take to read their last replies when the server goes down. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Dispatcher dispatcher;
  private final Network network;
  private final ServerOptions options;
  private final DispatcherExecutorService clockwork;
  private final Journal journal;
  private final JournalWriter writer;
  private final Keyspace keyspace;
  private final Sessions sessions;
  private final CommandExecutor executor;
  private final SuspendCommands suspending;
  private final Set<Connection> connections = new LinkedHashSet<>();
  private final WakerSlot lastConnection = new WakerSlot();
  private @Nullable TcpListener listener;
  private @Nullable JoinHandle<Complete> acceptor;
  private @Nullable JoinHandle<Complete> writing;
  private @Nullable Future<?> syncing;

  /**
   * Creates a server; {@link #start} begins it.
   *
   * @param dispatcher the loop that everything runs on
   * @param network where connections come from
   * @param channels opens the file of the journal
   * @param blocking runs what files can do in a blocking way only; two threads or more
   * @param wallClock milliseconds since 1970, for deadlines of keys
   * @param options the rest
   */
  public RespServer(
      Dispatcher dispatcher,
      Network network,
      ChannelFactory channels,
      Executor blocking,
      LongSupplier wallClock,
      ServerOptions options) {
    this.dispatcher = dispatcher;
    this.network = network;
    this.options = options;
    this.clockwork = DispatcherExecutorService.of(dispatcher);
    this.journal = new Journal(options.journal(), channels, options.fsync(), blocking);
    this.writer = new JournalWriter(dispatcher, journal, options.fsync(), this::journalFailed);
    this.keyspace = new Keyspace(wallClock, new Changes());
    this.sessions = new Sessions(wallClock);
    ServerInfo info = new ServerInfo();
    info.option("appendfsync", options.fsync().toString());
    info.option("maxclients", Integer.toString(options.limits().clients()));
    info.section("Loop", this::loopSection);
    this.executor = new CommandExecutor(keyspace, sessions, info);
    this.suspending = new SuspendCommands(dispatcher, keyspace, executor, writer);
  }

  /**
   * Replays the journal, then listens. Ready with the listener; throws what is wrong with the
   * journal or the address.
   */
  public Pollable<TcpListener> start() {
    Pollable<ReplayResult> replay =
        Callbacks.call(
            "journal replay",
            completer -> journal.open(this::replay, null, LoopHandler.of(dispatcher, completer)));
    return Pollable.owning(
        List.of(replay), cx -> replay.poll(cx).isPending() ? Poll.pending() : Poll.ready(listen()));
  }

  private TcpListener listen() throws IOException {
    TcpListener bound = network.listen(options.address());
    listener = bound;
    writing = dispatcher.spawn(writer);
    suspending.start();
    if (options.fsync() == FsyncPolicy.EVERYSEC) {
      syncing = clockwork.scheduleAtFixedRate(this::sync, 1, 1, TimeUnit.SECONDS);
    }
    acceptor = dispatcher.spawn(new Acceptor(bound, this::accept));
    return bound;
  }

  /** A record is the changes of one or several commands. Called before anything else runs. */
  private void replay(ByteBuffer record) throws Exception {
    RequestParser parser = new RequestParser(RequestLimits.DEFAULTS);
    for (Request effect = parser.next(record); effect != null; effect = parser.next(record)) {
      executor.replay(effect);
    }
  }

  private void accept(TcpStream stream) {
    Connection connection =
        new Connection(
            stream,
            sessions.open(
                Addresses.text(stream.remoteAddress()), Addresses.text(stream.localAddress())),
            sessions,
            executor,
            writer,
            suspending,
            options.limits(),
            this::ended);
    if (sessions.size() > options.limits().clients()) {
      connection.refuse("ERR max number of clients reached");
    }
    connections.add(connection);
    dispatcher.post(connection);
  }

  private void ended(Connection connection) {
    connections.remove(connection);
    if (connections.isEmpty()) {
      lastConnection.wake();
    }
  }

  /**
   * Ends the server in order: no new connections, replies that are due are sent, the journal is
   * written and forced. Ready when that is done. Throws what the journal says, if it has failed.
   */
  public Pollable<Complete> stop() {
    return new Shutdown();
  }

  private void sync() {
    journal.sync(
        null,
        new LoopHandler<Long>(
            dispatcher,
            new CompletionHandler<Long, @Nullable Object>() {
              @Override
              public void completed(Long bytes, @Nullable Object attachment) {}

              @Override
              public void failed(Throwable cause, @Nullable Object attachment) {
                journalFailed(cause);
              }
            }));
  }

  /** Nothing can be confirmed any more: the clients are cut off rather than lied to. */
  private void journalFailed(Throwable cause) {
    LOGGER.log(Logger.Level.ERROR, "the journal has failed; the server stops", cause);
    if (listener != null) {
      listener.close();
    }
    connections.forEach(Connection::cancel);
  }

  private Map<String, String> loopSection() {
    var snapshot = dispatcher.snapshot();
    return Map.of(
        "loop_tasks", Integer.toString(snapshot.tasks().size()),
        "loop_task_polls", Long.toString(snapshot.taskPolls()),
        "loop_callbacks", Long.toString(snapshot.callbacks()));
  }

  /** How many commands were carried out. */
  public long commandsExecuted() {
    return executor.executed();
  }

  /** Passes on what the keyspace tells. */
  private final class Changes implements KeyspaceListener {
    @Override
    public void changed(Request effect) {
      writer.record(effect);
      suspending.changed();
    }

    @Override
    public void listGrew(Key key) {
      suspending.listGrew(key);
    }
  }

  /** {@link #stop}: its steps, one after the other. */
  private final class Shutdown extends Operation<Complete> {
    private final Timer grace = new Timer(dispatcher);
    private boolean begun;
    private @Nullable Pollable<Complete> written;
    private @Nullable Pollable<Long> closed;

    Shutdown() {
      super("shutdown of the server");
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      if (!begun) {
        begun = true;
        begin();
      }
      if (!connections.isEmpty()) {
        if (grace.poll(cx).isReady()) { // they do not read what they asked for
          connections.forEach(Connection::cancel);
        }
        lastConnection.register(cx, "the last replies");
        return Poll.pending();
      }
      grace.cancel();
      return written(cx) ? closed(cx) : Poll.pending();
    }

    private void begin() {
      if (listener != null) {
        listener.close();
      }
      if (acceptor != null) {
        acceptor.cancel();
      }
      connections.forEach(Connection::drain);
      grace.reset(GRACE);
    }

    private boolean written(Context cx) throws Exception {
      if (writing == null || closed != null) {
        return true;
      }
      if (written == null) {
        suspending.stop();
        if (syncing != null) {
          syncing.cancel(false);
        }
        writer.finish();
        written = writing.join();
      }
      return written.poll(cx).isReady();
    }

    private Poll<Complete> closed(Context cx) throws Exception {
      if (closed == null) {
        closed =
            Callbacks.call(
                "journal close",
                completer -> journal.close(null, LoopHandler.of(dispatcher, completer)));
      }
      return closed.poll(cx).map(bytes -> Complete.COMPLETE);
    }

    @Override
    protected void doCancel() {
      grace.cancel();
    }
  }
}
