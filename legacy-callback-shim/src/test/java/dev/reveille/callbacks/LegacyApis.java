package dev.reveille.callbacks;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The callback interfaces of well-known libraries, as far as their shapes go. */
final class LegacyApis {
  private LegacyApis() {}

  /** OkHttp: the call first, checked exceptions. */
  interface OkCallback {
    void onResponse(String call, String response) throws IOException;

    void onFailure(String call, IOException failure);
  }

  /** Jetty: two methods, and a factory of lambdas. */
  interface JettyCallback {
    void succeeded();

    void failed(Throwable failure);

    static JettyCallback from(Runnable success, Consumer<Throwable> failure) {
      return new JettyCallback() {
        @Override
        public void succeeded() {
          success.run();
        }

        @Override
        public void failed(Throwable cause) {
          failure.accept(cause);
        }
      };
    }
  }

  /** HttpCore. */
  interface HcCallback<T> {
    void completed(T result);

    void failed(Exception failure);

    void cancelled();
  }

  /** Kafka: the metadata is there also when it failed. */
  interface KafkaCallback {
    void onCompletion(Metadata metadata, @Nullable Exception failure);
  }

  record Metadata(long offset) {}

  /** Node, by way of a bridge to a script. */
  interface NodeCallback {
    void call(@Nullable String error, @Nullable Object value);
  }

  /** ZooKeeper: a return code, a context and several values. */
  interface DataCallback {
    void processResult(
        int rc, String path, @Nullable Object ctx, byte @Nullable [] data, @Nullable Stat stat);
  }

  record Stat(int version) {}

  static final class KeeperException extends Exception {
    private static final long serialVersionUID = 1;
    final int code;

    KeeperException(int code) {
      super("rc " + code);
      this.code = code;
    }

    /** Null for 0, which is OK. */
    static @Nullable KeeperException of(int code) {
      return code == 0 ? null : new KeeperException(code);
    }
  }

  /** Vert.x: a result object. Jetty's {@code Result} is another one. */
  record AsyncResult<T extends @Nullable Object>(@Nullable T result, @Nullable Throwable cause) {
    boolean failed() {
      return cause != null;
    }
  }

  interface Handler<E> {
    void handle(E event);
  }

  /** Netty: the future itself. */
  static final class NettyFuture {
    @Nullable String now;
    @Nullable Throwable cause;
    private @Nullable NettyListener listener;

    boolean isSuccess() {
      return now != null;
    }

    @Nullable String getNow() {
      return now;
    }

    @Nullable Throwable cause() {
      return cause;
    }

    void addListener(NettyListener some) {
      listener = some;
    }

    void end(@Nullable String value, @Nullable Throwable failure) throws Exception {
      now = value;
      cause = failure;
      if (listener != null) {
        listener.operationComplete(this);
      }
    }
  }

  interface NettyListener {
    void operationComplete(NettyFuture future) throws Exception;
  }
}
