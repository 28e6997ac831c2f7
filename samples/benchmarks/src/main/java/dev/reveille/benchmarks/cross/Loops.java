package dev.reveille.benchmarks.cross;

import dev.reveille.BasicDispatcher;
import dev.reveille.benchmarks.loop.PeerLoop;
import dev.reveille.benchmarks.loop.VirtualThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import kotlinx.coroutines.CoroutineDispatcher;
import kotlinx.coroutines.ExecutorCoroutineDispatcher;
import kotlinx.coroutines.ExecutorsKt;
import kotlinx.coroutines.ThreadPoolDispatcherKt;

/** Opens loops by the names of the competitors, each with a thread of its own, and closes them. */
final class Loops implements AutoCloseable {
  private final List<AutoCloseable> open = new ArrayList<>();

  /** Ours, on a thread of its own. */
  BasicDispatcher reveille() {
    BasicDispatcher dispatcher = opened(new BasicDispatcher());
    new Thread(dispatcher::run, "reveille").start();
    return dispatcher;
  }

  /** The floor, on a thread of its own. */
  FloorLoop floor() {
    return opened(new FloorLoop());
  }

  /** A loop as an executor. */
  Executor executor(String competitor) {
    return switch (competitor) {
      case "reveille", "reveillePosts" -> reveille().asExecutor();
      case "floor" -> floor();
      case "netty" -> opened(PeerLoop.netty()).executor();
      case "nettyNio" -> opened(PeerLoop.nettyNio()).executor();
      case "nettyEpoll" -> opened(PeerLoop.nettyEpoll()).executor();
      case "vertx" -> opened(PeerLoop.vertx()).executor();
      case "singleThreadExecutor" -> opened(PeerLoop.singleThreadExecutor()).executor();
      case "forkJoinPool" -> opened(PeerLoop.forkJoinPool()).executor();
      case "virtualThreads" -> VirtualThreads::start;
      default -> ExecutorsKt.asExecutor(kotlin(competitor));
    };
  }

  /** A loop of kotlinx.coroutines. */
  @SuppressWarnings("deprecation") // delicate, says kotlinx: it has to be closed, and is
  CoroutineDispatcher kotlin(String competitor) {
    return switch (competitor) {
      case "kotlinSingleThreadContext" ->
          opened(ThreadPoolDispatcherKt.newSingleThreadContext("coroutines"));
      case "kotlinExecutor" -> {
        ExecutorCoroutineDispatcher dispatcher =
            ExecutorsKt.from(Executors.newSingleThreadExecutor());
        yield opened(dispatcher);
      }
      case "kotlinRunBlocking" -> opened(new RunBlockingLoop()).getDispatcher();
      default -> throw new IllegalArgumentException("unknown loop: " + competitor);
    };
  }

  private <L extends AutoCloseable> L opened(L loop) {
    open.add(loop);
    return loop;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable loop : open) {
      loop.close();
    }
  }
}
