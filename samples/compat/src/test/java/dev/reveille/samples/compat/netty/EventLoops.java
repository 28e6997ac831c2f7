package dev.reveille.samples.compat.netty;

import dev.reveille.contract.Rig;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * One event loop with its thread, as an application has it, for servers and clients on loopback.
 */
final class EventLoops implements AutoCloseable {
  /** An address of which the system chooses the port. */
  static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  EventLoop loop() {
    return group.next();
  }

  Bootstrap client(ChannelHandler handler) {
    return new Bootstrap().group(group).channel(NioSocketChannel.class).handler(handler);
  }

  ServerBootstrap server(ChannelHandler childHandler) {
    return new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .childHandler(childHandler);
  }

  /** Closes what is open and ends the thread. */
  @Override
  public void close() throws InterruptedException {
    if (!group
        .shutdownGracefully(0, Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .await(Rig.PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AssertionError("the event loop did not end");
    }
  }
}
