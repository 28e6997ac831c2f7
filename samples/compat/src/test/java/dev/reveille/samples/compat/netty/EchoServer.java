package dev.reveille.samples.compat.netty;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** An echo server on Netty: each connection is a task of a loop. */
final class EchoServer implements AutoCloseable {
  /** One accepted connection. */
  record Session(Channel channel, Reads reads, JoinHandle<Complete> task) {}

  /** Of these connections only, so that what is not released can be counted. */
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

  final List<Session> sessions = new CopyOnWriteArrayList<>();
  private final Channel listener;

  EchoServer(EventLoops netty, Dispatcher loop) {
    this(netty, loop, Pollables::ready);
  }

  /** Each buffer has to pass a gate before it is sent back. */
  EchoServer(
      EventLoops netty,
      Dispatcher loop,
      Function<? super ByteBuf, ? extends Pollable<ByteBuf>> gate) {
    listener =
        netty
            .server(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    Reads reads = new Reads(channel);
                    sessions.add(
                        new Session(
                            channel, reads, loop.spawn("echo", echo(channel, reads, gate))));
                  }
                })
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.SO_RCVBUF, 64 << 10)
            .bind(EventLoops.ANY)
            .syncUninterruptibly()
            .channel();
  }

  private static Pollable<Complete> echo(
      Channel channel, Reads reads, Function<? super ByteBuf, ? extends Pollable<ByteBuf>> gate) {
    Pollable<Complete> body =
        reads.stream(2, 8)
            .mapAsync(1, gate)
            .mapAsync(
                1,
                buffer ->
                    Pollables.map(
                        NettyCalls.await("write", () -> channel.writeAndFlush(buffer)),
                        written -> Complete.COMPLETE))
            .forEach(written -> {});
    return Pollables.withCleanup(body, channel::close);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** Bytes of buffers that nobody has released. */
  long held() {
    return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
  }

  @Override
  public void close() {
    listener.close().syncUninterruptibly();
  }
}
