package dev.reveille.samples.resp.server;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Task;
import dev.reveille.Waker;
import dev.reveille.io.TcpStream;
import dev.reveille.samples.resp.command.CommandExecutor;
import dev.reveille.samples.resp.command.Outcome;
import dev.reveille.samples.resp.command.Session;
import dev.reveille.samples.resp.command.Sessions;
import dev.reveille.samples.resp.protocol.GatheringSink;
import dev.reveille.samples.resp.protocol.ProtocolException;
import dev.reveille.samples.resp.protocol.ReplyBuffer;
import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.protocol.RequestParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client: a poll task.
 *
 * <p>Each poll goes round this circle as far as it can, and waits where it can not go on:
 *
 * <pre>
 *   commit    the journal has what the replies in the buffer confirm
 *   flush     the replies are with the system; so nothing is confirmed before it is safe
 *   delegate  a command that waits (BLPOP) or speaks to others (PUBLISH) is done
 *   execute   the requests that have arrived, as many as are complete: a pipeline is one commit
 *   read      more bytes
 * </pre>
 *
 * <p>A client that does not read is not served: once {@link ConnectionLimits#pauseAt} bytes of
 * replies wait for it, its requests stay in the socket, and TCP holds it back.
 */
final class Connection extends Task implements Client {
  /** A pipeline of a few hundred small requests. A large request is read in several goes. */
  private static final int INPUT_BYTES = 16 << 10;

  private static final long UNCHANGED = -1;

  private final TcpStream stream;
  private final CommandExecutor executor;
  private final Durability durability;
  private final Delegate delegate;
  private final ConnectionLimits limits;
  private final Sessions sessions;
  private final Session session;
  private final Consumer<Connection> onEnd;

  private final RequestParser parser;
  private final ReplyBuffer replies = new ReplyBuffer();
  private final GatheringSink socket;

  /** Always ready to be written to: flipped only while requests are taken out of it. */
  private final ByteBuffer input = ByteBuffer.allocate(INPUT_BYTES);

  private @Nullable Pollable<Complete> commit;
  private @Nullable Pollable<Complete> delegated;
  private @Nullable Waker waker;

  /**
   * How many changes the server had recorded when this client's work began that is not committed
   * yet, or {@link #UNCHANGED}.
   */
  private long changedBefore = UNCHANGED;

  /** The same for a command that waits; changes of others count too, which is a commit too many. */
  private long delegatedSince;

  /** The client has sent its last byte, or asked to quit, or has broken the protocol. */
  private boolean ending;

  /** The server is going down: what has arrived is not carried out any more. */
  private boolean draining;

  Connection(
      TcpStream stream,
      Session session,
      Sessions sessions,
      CommandExecutor executor,
      Durability durability,
      Delegate delegate,
      ConnectionLimits limits,
      Consumer<Connection> onEnd) {
    super("client " + session.id() + " " + session.address());
    this.stream = stream;
    this.session = session;
    this.sessions = sessions;
    this.executor = executor;
    this.durability = durability;
    this.delegate = delegate;
    this.limits = limits;
    this.onEnd = onEnd;
    this.parser = new RequestParser(limits.requests());
    this.socket = stream::tryWrite;
  }

  @Override
  public Session session() {
    return session;
  }

  @Override
  public ReplyBuffer replies() {
    return replies;
  }

  @Override
  public void wake() {
    if (waker != null) {
      waker.wake();
    }
  }

  /** Turns the client away. Before the connection is posted. */
  void refuse(String error) {
    replies.error(error);
    ending = true;
  }

  /** Ends the connection after the replies that are due. */
  void drain() {
    draining = true;
    wake();
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    waker = cx.waker("something to do for the client");
    try {
      return serve(cx) ? Poll.ready() : Poll.pending();
    } catch (IOException gone) {
      return Poll.ready(); // reset by the client, most likely: there is nobody to tell
    }
  }

  /** Returns true when the connection is over. */
  private boolean serve(Context cx) throws Exception {
    for (; ; ) {
      if (!committed(cx)) {
        return false;
      }
      if (!flushed(cx) && replies.pendingBytes() > limits.closeAt()) {
        return true;
      }
      if (delegated != null) {
        if (delegatedDone(cx, delegated)) {
          continue;
        }
        // A client that waits may hang up: its socket is read, as far as there is room. If it has,
        // or
        // the server goes down, cleanup() cancels the command.
        return draining || read(cx) == Reading.END;
      }
      if (replies.pendingBytes() > limits.pauseAt()) {
        return false; // flushed() has asked to be woken
      }
      if (ending || draining) {
        return replies.isEmpty();
      }
      if (execute()) {
        continue; // something to commit, to flush or to wait for
      }
      switch (read(cx)) {
        case NOTHING -> {
          return false;
        }
        case END -> ending = true;
        case BYTES -> {}
      }
    }
  }

  /** Returns false as long as the journal does not have what the replies confirm. */
  private boolean committed(Context cx) throws Exception {
    if (commit == null && changedBefore != UNCHANGED && durability.changes() != changedBefore) {
      commit = durability.commit();
    }
    changedBefore = UNCHANGED;
    if (commit == null) {
      return true;
    }
    if (cx.pollChild(commit).isPending()) {
      return false;
    }
    commit = null;
    return true;
  }

  /** Writes replies. Returns false if the system does not take them all now. */
  private boolean flushed(Context cx) throws IOException {
    while (!replies.isEmpty()) {
      if (stream.pollWritable(cx).isPending()) {
        return false;
      }
      replies.drainTo(socket);
    }
    return true;
  }

  private boolean delegatedDone(Context cx, Pollable<Complete> current) throws Exception {
    if (cx.pollChild(current).isPending()) {
      return false;
    }
    delegated = null;
    changedBefore = delegatedSince;
    return true;
  }

  /** Carries out what has arrived. Returns whether there is anything else to do than to read. */
  private boolean execute() {
    boolean worked = false;
    long before = durability.changes();
    input.flip();
    try {
      while (replies.pendingBytes() <= limits.pauseAt()) {
        Request request = parser.next(input);
        if (request == null) {
          break;
        }
        worked = true;
        Outcome outcome = executor.execute(session, request, replies);
        delegate.commandDone();
        if (outcome == Outcome.DELEGATED) {
          delegatedSince = durability.changes();
          delegated = delegate.begin(request, this);
          break;
        }
        if (outcome == Outcome.CLOSE) {
          ending = true;
          break;
        }
      }
    } catch (ProtocolException e) {
      replies.error(e.reply());
      ending = true;
      worked = true;
    } finally {
      input.compact();
    }
    if (worked) {
      changedBefore = before;
    }
    return worked;
  }

  private enum Reading {
    BYTES,
    NOTHING,
    END
  }

  private Reading read(Context cx) throws IOException {
    while (input.hasRemaining()) {
      if (stream.pollReadable(cx).isPending()) {
        return Reading.NOTHING;
      }
      int n = stream.tryRead(input);
      if (n < 0) {
        return Reading.END;
      }
      if (n > 0 && delegated == null) {
        return Reading.BYTES;
      }
    }
    return Reading.NOTHING; // no room: a client that waits has sent a lot more
  }

  @Override
  protected void cleanup() {
    sessions.close(session);
    delegate.disconnected(this);
    if (delegated != null) {
      delegated.cancel();
    }
    if (commit != null) {
      commit.cancel();
    }
    stream.close();
    onEnd.accept(this);
  }
}
