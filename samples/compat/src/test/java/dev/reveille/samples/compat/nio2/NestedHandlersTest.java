package dev.reveille.samples.compat.nio2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.callback.Completer;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Heard;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * On a thread of its group NIO.2 runs a handler within the very call that begins the operation, up
 * to a depth ({@code sun.nio.ch.maxCompletionHandlersOnStack}, 16 if not set), then hands it over.
 */
final class NestedHandlersTest {
  private static final int BYTES = 10_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private Sockets sockets;
  private Sockets.Pair pair;

  @BeforeEach
  void open() throws Exception {
    sockets = new Sockets();
    pair = sockets.pair();
    loop.runUntil(Nio2.writeAll(pair.far(), ByteBuffer.wrap(new byte[BYTES])));
  }

  @AfterEach
  void close() throws Exception {
    sockets.close();
    rig.close();
  }

  @Test
  void handlersThatNestTenThousandTimesCompleteTheOneWhoWaits() throws Exception {
    ChainOfReads chain = new ChainOfReads(pair.near());
    Pollable<Integer> all = Callbacks.call("a chain of handlers", chain::begin);

    assertThat(loop.runUntil(all).value()).isEqualTo(BYTES);
    assertThat(chain.deepest).as("nested").isGreaterThan(1);
  }

  /** Reads byte after byte; each handler begins the next read, in which the next handler runs. */
  private static final class ChainOfReads
      implements CompletionHandler<Integer, Completer<Integer>> {
    private final AsynchronousSocketChannel channel;
    private final ByteBuffer one = ByteBuffer.allocate(1);
    private final ThreadLocal<Integer> depth = ThreadLocal.withInitial(() -> 0);
    private int read;
    int deepest;

    ChainOfReads(AsynchronousSocketChannel channel) {
      this.channel = channel;
    }

    void begin(Completer<Integer> completer) {
      channel.read(one, completer, this);
    }

    @Override
    public void completed(Integer bytes, Completer<Integer> completer) {
      int level = depth.get() + 1;
      depth.set(level);
      deepest = Math.max(deepest, level);
      read += bytes;
      one.clear();
      if (read == BYTES) {
        completer.complete(read);
      } else {
        channel.read(one, completer, this);
      }
      depth.set(level - 1);
    }

    @Override
    public void failed(Throwable failure, Completer<Integer> completer) {
      completer.fail(failure);
    }
  }

  @Test
  void aHandlerThatRunsBeforeTheCallReturnsIsAValueLikeAnyOther() throws Exception {
    Heard heard = Heard.on(loop);
    ByteByByte task = new ByteByByte(pair.near());
    FutureTask<Complete> onAThreadOfTheGroup = new FutureTask<>(() -> loop.runUntil(task).value());

    pair.near()
        .read(
            ByteBuffer.allocate(1),
            null,
            new CompletionHandler<Integer, Object>() {
              @Override
              public void completed(Integer bytes, Object attachment) {
                onAThreadOfTheGroup.run(); // from here on calls may nest
              }

              @Override
              public void failed(Throwable failure, Object attachment) {
                onAThreadOfTheGroup.cancel(false);
              }
            });
    Rig.await(onAThreadOfTheGroup);

    assertThat(task.read).isEqualTo(BYTES - 1);
    assertThat(task.early).as("completed before the call returned").isPositive();
    assertThat(heard.count("reentrant")).isEqualTo(task.early);
    assertThat(heard.count("COMPLETED")).isEqualTo(BYTES - 1);
  }

  /** Reads byte after byte, in bridged calls, to the last. */
  private static final class ByteByByte extends Task {
    private final AsynchronousSocketChannel channel;
    private final ByteBuffer one = ByteBuffer.allocate(1);
    private Pollable<Integer> next;
    int read;
    int early;

    ByteByByte(AsynchronousSocketChannel channel) {
      this.channel = channel;
      this.next = next();
    }

    private Pollable<Integer> next() {
      return Callbacks.call("a byte", this::begin);
    }

    private void begin(Completer<Integer> completer) {
      Thread caller = Thread.currentThread();
      CompletionHandler<Integer, Object> handler = Callbacks.handler(completer);
      boolean[] returned = {false};
      channel.read(
          one,
          null,
          new CompletionHandler<Integer, Object>() {
            @Override
            public void completed(Integer bytes, Object attachment) {
              if (Thread.currentThread() == caller && !returned[0]) {
                early++;
              }
              handler.completed(bytes, attachment);
            }

            @Override
            public void failed(Throwable failure, Object attachment) {
              handler.failed(failure, attachment);
            }
          });
      returned[0] = true;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      for (; ; ) {
        Poll<Integer> poll = next.poll(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        read += poll.value();
        if (read == BYTES - 1) {
          return Poll.ready();
        }
        one.clear();
        next = next();
      }
    }
  }
}
