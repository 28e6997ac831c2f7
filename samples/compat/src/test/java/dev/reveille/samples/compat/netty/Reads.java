package dev.reveille.samples.compat.netty;

import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a channel reads, as a stream: the handler only hands over. Netty reads on until the high
 * mark is reached, and again from the low one on; what nobody takes any more is released.
 */
final class Reads {
  final AtomicInteger pauses = new AtomicInteger();
  final AtomicInteger resumes = new AtomicInteger();
  private final Channel channel;

  /** Of a channel that does not read by itself yet. */
  Reads(Channel channel) {
    this.channel = channel;
  }

  /** Owned by the one who takes them: to be written or released. */
  PollStream<ByteBuf> stream(int low, int high) {
    return Callbacks.stream(
        "reads of a channel",
        Overflow.watermark(
            low,
            high,
            () -> {
              pauses.incrementAndGet();
              channel.config().setAutoRead(false);
            },
            () -> {
              resumes.incrementAndGet();
              channel.config().setAutoRead(true);
            }),
        ReferenceCountUtil::release,
        emitter -> {
          Handover handler = new Handover(emitter);
          channel.pipeline().addLast(handler);
          channel.config().setAutoRead(true);
          return () -> channel.eventLoop().execute(() -> remove(handler));
        });
  }

  /** A channel that was closed has no handlers any more. */
  private void remove(Handover handler) {
    if (channel.pipeline().context(handler) != null) {
      channel.pipeline().remove(handler);
    }
  }

  private static final class Handover extends ChannelInboundHandlerAdapter {
    private final Emitter<ByteBuf> emitter;

    Handover(Emitter<ByteBuf> emitter) {
      this.emitter = emitter;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      if (!ctx.channel().isActive()) {
        emitter.complete(); // it was closed before there was somebody to tell
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      emitter.next((ByteBuf) message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      emitter.complete();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
      emitter.fail(failure);
    }
  }
}
