package dev.reveille.callbacks.grpc;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server and a client within this JVM, whose messages are texts, and a loop with a thread of its
 * own. At the end everything is closed, and no thread is left.
 */
public final class GrpcRig implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final MethodDescriptor<String, String> UNARY = method("unary", MethodType.UNARY);
  private static final MethodDescriptor<String, String> SERVER_STREAMING =
      method("serverStreaming", MethodType.SERVER_STREAMING);
  private static final MethodDescriptor<String, String> CLIENT_STREAMING =
      method("clientStreaming", MethodType.CLIENT_STREAMING);
  private static final MethodDescriptor<String, String> BIDI =
      method("bidi", MethodType.BIDI_STREAMING);

  private final String name = "grpc test " + NUMBER.incrementAndGet();
  private final ExecutorService pool =
      Executors.newFixedThreadPool(2, task -> new Thread(task, name));
  private final ScheduledExecutorService timers =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, name + " timer"));
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.onSystemClock();
  private final ServerServiceDefinition.Builder service = ServerServiceDefinition.builder("test");
  private final List<Server> servers = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** Creates the equipment. */
  public GrpcRig() {
    rig.drive(dispatcher, RunnableDispatcher::run);
  }

  // ------------------------------------------------------------------ the server

  public void unary(ServerCalls.UnaryMethod<String, String> method) {
    service.addMethod(UNARY, ServerCalls.asyncUnaryCall(method));
  }

  public void serverStreaming(ServerCalls.ServerStreamingMethod<String, String> method) {
    service.addMethod(SERVER_STREAMING, ServerCalls.asyncServerStreamingCall(method));
  }

  public void clientStreaming(ServerCalls.ClientStreamingMethod<String, String> method) {
    service.addMethod(CLIENT_STREAMING, ServerCalls.asyncClientStreamingCall(method));
  }

  public void bidi(ServerCalls.BidiStreamingMethod<String, String> method) {
    ServerCallHandler<String, String> handler = ServerCalls.asyncBidiStreamingCall(method);
    service.addMethod(BIDI, handler);
  }

  // ------------------------------------------------------------------ the client

  /** Starts the server, and connects a client whose callbacks come on a thread of a pool. */
  public Stub stub() {
    return stub(pool);
  }

  /** The same with callbacks wherever gRPC happens to be. */
  Stub direct() {
    return stub(Runnable::run);
  }

  private Stub stub(Executor executor) {
    try {
      servers.add(
          InProcessServerBuilder.forName(name)
              .executor(executor)
              .scheduledExecutorService(timers)
              .addService(service.build())
              .build()
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ManagedChannel channel =
        InProcessChannelBuilder.forName(name)
            .executor(executor)
            .scheduledExecutorService(timers)
            .build();
    channels.add(channel);
    return new Stub(channel);
  }

  /** What would be generated. */
  public record Stub(ManagedChannel channel, CallOptions options) {
    Stub(ManagedChannel channel) {
      this(channel, CallOptions.DEFAULT);
    }

    Stub withDeadlineAfterMillis(long millis) {
      return new Stub(channel, options.withDeadlineAfter(millis, TimeUnit.MILLISECONDS));
    }

    public void unary(String request, StreamObserver<String> observer) {
      ClientCalls.asyncUnaryCall(channel.newCall(UNARY, options), request, observer);
    }

    /** A client that takes a method with many responses for one with one. */
    void unaryOfMany(String request, StreamObserver<String> observer) {
      ClientCalls.asyncUnaryCall(channel.newCall(SERVER_STREAMING, options), request, observer);
    }

    public void serverStreaming(String request, StreamObserver<String> observer) {
      ClientCalls.asyncServerStreamingCall(
          channel.newCall(SERVER_STREAMING, options), request, observer);
    }

    public StreamObserver<String> clientStreaming(StreamObserver<String> observer) {
      return ClientCalls.asyncClientStreamingCall(
          channel.newCall(CLIENT_STREAMING, options), observer);
    }

    public StreamObserver<String> bidi(StreamObserver<String> observer) {
      return ClientCalls.asyncBidiStreamingCall(channel.newCall(BIDI, options), observer);
    }
  }

  // ------------------------------------------------------------------ the loop

  public RunnableDispatcher dispatcher() {
    return dispatcher;
  }

  Rig rig() {
    return rig;
  }

  /** Runs a pollable on the loop, and gives or throws what becomes of it. */
  public <T> T await(Pollable<T> pollable) throws Exception {
    return dispatcher.blockingAwait(pollable, Rig.PATIENCE);
  }

  public static <T> T await(JoinHandle<T> handle) throws Exception {
    try {
      return handle.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Waits until the loop has nothing to do but wait. */
  void settle() {
    Rig.awaitState("the loop is asleep", () -> dispatcher.snapshot().asleep());
  }

  @Override
  public void close() throws Exception {
    try {
      rig.close();
    } finally {
      for (ManagedChannel channel : channels) {
        channel.shutdownNow();
      }
      for (Server server : servers) {
        server.shutdownNow();
      }
      for (ManagedChannel channel : channels) {
        channel.awaitTermination(20, TimeUnit.SECONDS);
      }
      for (Server server : servers) {
        server.awaitTermination(20, TimeUnit.SECONDS);
      }
      pool.shutdown();
      timers.shutdownNow();
      Rig.awaitState("no thread is left", () -> !isThreadLeft());
    }
  }

  private static boolean isThreadLeft() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("grpc"));
  }

  // ------------------------------------------------------------------ texts as messages

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("test", name))
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try (stream) {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
