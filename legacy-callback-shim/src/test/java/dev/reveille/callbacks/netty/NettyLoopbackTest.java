package dev.reveille.callbacks.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.spi.HostedDispatcher;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sockets on loopback, and tasks on the event loop that serves them. */
class NettyLoopbackTest {
  private static final String NAME = "netty loopback";

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EventLoops.named(NAME), NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final HostedDispatcher dispatcher = NettyDispatcher.on(loop);
  private final CompletableFuture<String> received = new CompletableFuture<>();

  @AfterEach
  void end() throws Exception {
    dispatcher.close();
    EventLoops.end(group, NAME);
  }

  private Pollable<Channel> bind() {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Receiver());
                  }
                });
    return NettyFutures.channel(
        "bind", () -> bootstrap.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  private final class Receiver extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf buffer = (ByteBuf) message;
      received.complete(buffer.toString(StandardCharsets.UTF_8));
      buffer.release();
      context.close();
    }
  }

  private Bootstrap client() {
    return new Bootstrap()
        .group(group)
        .channel(NioSocketChannel.class)
        .handler(new ChannelInboundHandlerAdapter());
  }

  private <T> T await(Pollable<T> pollable) throws Exception {
    return dispatcher.blockingAwait(pollable, Rig.PATIENCE);
  }

  @Test
  void connectWriteAndCloseAreOneTaskOnTheEventLoop() throws Exception {
    Channel server = await(bind());
    Pollable<Channel> connected =
        NettyFutures.channel("connect", () -> client().connect(server.localAddress()));
    Pollable<Void> said =
        Pollables.then(
            connected,
            channel ->
                Pollables.then(
                    NettyFutures.<Void>pollable(
                        "write",
                        () ->
                            channel.writeAndFlush(
                                Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8))),
                    written -> NettyFutures.<Void>join(channel.closeFuture())));
    await(said);
    assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo("hello");
    await(NettyFutures.<Void>pollable("close", server::close));
  }

  @Test
  void aConnectThatIsRefusedFails() throws Exception {
    Channel server = await(bind());
    await(NettyFutures.<Void>pollable("close", server::close));
    Pollable<Channel> refused =
        NettyFutures.channel("connect", () -> client().connect(server.localAddress()));
    assertThatThrownBy(() -> await(refused)).isInstanceOf(IOException.class);
  }

  /** By a promise that can not be cancelled any more, as a connect under way may be. */
  @Test
  void aChannelThatIsMadeTooLateIsClosed() throws Exception {
    Channel server = await(bind());
    Channel late = client().connect(server.localAddress()).syncUninterruptibly().channel();
    ChannelPromise promise = new DefaultChannelPromise(late);
    promise.setUncancellable();
    JoinHandle<Channel> task = dispatcher.spawn(NettyFutures.channel("connect", () -> promise));
    Rig.awaitState("it waits", () -> dispatcher.snapshot().asleep());
    task.cancel();
    Rig.awaitState("it is cancelled", task::isDone);
    promise.setSuccess();
    assertThat(late.closeFuture().await(20, TimeUnit.SECONDS)).isTrue();
    server.close().syncUninterruptibly();
  }
}
