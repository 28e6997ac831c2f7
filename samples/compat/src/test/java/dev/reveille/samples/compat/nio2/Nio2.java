package dev.reveille.samples.compat.nio2;

import dev.reveille.Pollable;
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
 * state a channel is in after a cancelled operation.
 */
final class Nio2 {
  private Nio2() {}

  /** Giving up closes nothing, and a connection that comes then is closed. */
  static Pollable<AsynchronousSocketChannel> accept(AsynchronousServerSocketChannel server) {
    return Callbacks.call(
        "accept", c -> server.accept(null, Callbacks.handler(c)), Nio2::closeQuietly);
  }

  static Pollable<Void> connect(AsynchronousSocketChannel channel, SocketAddress address) {
    return Callbacks.call(
        "connect",
        c -> {
          channel.connect(address, null, Callbacks.<Void>handler(c));
          c.onCancel(() -> closeQuietly(channel));
        });
  }

  static Pollable<Integer> read(AsynchronousSocketChannel channel, ByteBuffer buffer) {
    return Callbacks.call(
        "read",
        c -> {
          channel.read(buffer, null, Callbacks.handler(c));
          c.onCancel(() -> closeQuietly(channel));
        });
  }

  static Pollable<Integer> write(AsynchronousSocketChannel channel, ByteBuffer buffer) {
    return Callbacks.call(
        "write",
        c -> {
          channel.write(buffer, null, Callbacks.handler(c));
          c.onCancel(() -> closeQuietly(channel));
        });
  }

  static Pollable<Integer> read(AsynchronousFileChannel file, ByteBuffer buffer, long position) {
    return Callbacks.call(
        "read at " + position,
        c -> {
          file.read(buffer, position, null, Callbacks.handler(c));
          c.onCancel(() -> closeQuietly(file));
        });
  }

  static Pollable<Integer> write(AsynchronousFileChannel file, ByteBuffer buffer, long position) {
    return Callbacks.call(
        "write at " + position,
        c -> {
          file.write(buffer, position, null, Callbacks.handler(c));
          c.onCancel(() -> closeQuietly(file));
        });
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
