package dev.reveille.samples.compat.grpc;

import dev.reveille.contract.Rig;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A server and a channel to it, each with a thread of its own, or on executors of the test. */
final class InProcess implements AutoCloseable {
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final Server server;
  final ManagedChannel channel;

  /** Callbacks of both sides come on threads of gRPC. */
  InProcess(UnaryOperator<ServerServiceDefinition.Builder> methods) throws IOException {
    this(methods, null);
  }

  /** Callbacks of the client come on an executor of the test, if there is one. */
  InProcess(
      UnaryOperator<ServerServiceDefinition.Builder> methods, @Nullable Executor clientExecutor)
      throws IOException {
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .executor(threads)
            .addService(methods.apply(ServerServiceDefinition.builder(Numbers.NAME)).build())
            .build()
            .start();
    channel =
        InProcessChannelBuilder.forName(name)
            .executor(clientExecutor == null ? threads : clientExecutor)
            .build();
  }

  @Override
  public void close() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow();
    boolean ended =
        channel.awaitTermination(Rig.PATIENCE.toNanos(), TimeUnit.NANOSECONDS)
            && server.awaitTermination(Rig.PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    threads.shutdown();
    if (!ended || !threads.awaitTermination(Rig.PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AssertionError("gRPC did not end with its channel and server");
    }
  }
}
