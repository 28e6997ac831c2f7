package dev.reveille.samples.compat.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;

/** A client as one finds them: pipelines its requests over one channel and answers with futures. */
final class EchoClient implements AutoCloseable {
  private final Channel channel;

  /** On the event loop only. */
  private final Queue<Promise<Long>> waiting = new ArrayDeque<>();

  EchoClient(EventLoops netty, InetSocketAddress server) {
    channel =
        netty
            .client(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    ch.pipeline()
                        .addLast(new FixedLengthFrameDecoder(Long.BYTES))
                        .addLast(new Answers());
                  }
                })
            .connect(server)
            .syncUninterruptibly()
            .channel();
  }

  /** Any thread. Succeeds with the number, when it has come back. */
  Future<Long> echo(long number) {
    Promise<Long> promise = channel.eventLoop().newPromise();
    channel
        .eventLoop()
        .execute(
            () -> {
              waiting.add(promise);
              ByteBuf request = channel.alloc().buffer(Long.BYTES).writeLong(number);
              channel.writeAndFlush(request).addListener((ChannelFuture sent) -> written(sent));
            });
    return promise;
  }

  private void written(ChannelFuture sent) {
    if (!sent.isSuccess()) {
      failAll(sent.cause());
    }
  }

  private void failAll(Throwable cause) {
    for (Promise<Long> promise = waiting.poll(); promise != null; promise = waiting.poll()) {
      promise.tryFailure(cause);
    }
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
  }

  private final class Answers extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf answer) {
      waiting.remove().trySuccess(answer.readLong());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      failAll(new ClosedChannelException());
    }
  }
}
