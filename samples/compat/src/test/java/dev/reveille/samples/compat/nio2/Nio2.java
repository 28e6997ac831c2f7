package dev.reveille.samples.compat.nio2;

import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CancelMode;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.combine.Pollables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Channel;

/**
 * The calls of NIO.2 as pollables. Giving one of them up closes its channel: NIO.2 leaves open what
 * state a channel is in after a cancelled operation, and has no other way to end one.
 */
final class Nio2 {
  private static final CallOptions<AsynchronousSocketChannel> ACCEPT =
      CallOptions.<AsynchronousSocketChannel>defaults().closeLateValues();

  /** The buffer is not the caller's again before the thread that fills it is done. */
  private static final CallOptions<Integer> OF_A_FILE =
      CallOptions.<Integer>defaults().withCancelMode(CancelMode.AWAIT_CALLBACK);

  private Nio2() {}

  /** Giving up closes nothing, and a connection that comes then is closed. */
  static Pollable<AsynchronousSocketChannel> accept(AsynchronousServerSocketChannel server) {
    return Callbacks.call("accept", ACCEPT, c -> server.accept(null, Callbacks.handler(c)));
  }

  static Pollable<Void> connect(AsynchronousSocketChannel channel, SocketAddress address) {
    return Callbacks.callWithHandle(
        "connect",
        c -> {
          channel.connect(address, null, Callbacks.<Void>handler(c));
          return channel;
        },
        Nio2::closeQuietly);
  }

  static Pollable<Integer> read(AsynchronousSocketChannel channel, ByteBuffer buffer) {
    return Callbacks.callWithHandle(
        "read",
        c -> {
          channel.read(buffer, null, Callbacks.handler(c));
          return channel;
        },
        Nio2::closeQuietly);
  }

  static Pollable<Integer> write(AsynchronousSocketChannel channel, ByteBuffer buffer) {
    return Callbacks.callWithHandle(
        "write",
        c -> {
          channel.write(buffer, null, Callbacks.handler(c));
          return channel;
        },
        Nio2::closeQuietly);
  }

  static Pollable<Integer> read(AsynchronousFileChannel file, ByteBuffer buffer, long position) {
    return Callbacks.callWithHandle(
        "read of a file",
        OF_A_FILE,
        c -> {
          file.read(buffer, position, null, Callbacks.handler(c));
          return file;
        },
        Nio2::closeQuietly);
  }

  static Pollable<Integer> write(AsynchronousFileChannel file, ByteBuffer buffer, long position) {
    return Callbacks.callWithHandle(
        "write of a file",
        OF_A_FILE,
        c -> {
          file.write(buffer, position, null, Callbacks.handler(c));
          return file;
        },
        Nio2::closeQuietly);
  }

  /** Until the buffer is empty. */
  static Pollable<ByteBuffer> writeAll(AsynchronousSocketChannel channel, ByteBuffer buffer) {
    return Pollables.then(
        write(channel, buffer),
        n -> buffer.hasRemaining() ? writeAll(channel, buffer) : Pollables.ready(buffer));
  }

  /** Until the buffer is full, or the peer has ended. */
  static Pollable<ByteBuffer> readAll(AsynchronousSocketChannel channel, ByteBuffer buffer) {
    return Pollables.then(
        read(channel, buffer),
        n -> n >= 0 && buffer.hasRemaining() ? readAll(channel, buffer) : Pollables.ready(buffer));
  }

  static void closeQuietly(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
