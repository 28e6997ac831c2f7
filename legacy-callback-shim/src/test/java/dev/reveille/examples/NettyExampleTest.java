package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.callbacks.netty.NettyDispatcher;
import dev.reveille.callbacks.netty.NettyFutures;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.spi.HostedDispatcher;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NettyExampleTest {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
  private final LocalAddress address = new LocalAddress(NettyExampleTest.class);
  private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();

  @BeforeEach
  void serve() {
    new ServerBootstrap()
        .group(group)
        .channel(LocalServerChannel.class)
        .childHandler(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object message) {
                received.add(message);
              }
            })
        .bind(address)
        .syncUninterruptibly();
  }

  @AfterEach
  void end() throws Exception {
    group.shutdownGracefully(0, 20, TimeUnit.SECONDS);
    assertThat(group.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  private Bootstrap client() {
    return new Bootstrap()
        .group(group)
        .channel(LocalChannel.class)
        .handler(new ChannelInboundHandlerAdapter());
  }

  private static <T> T await(JoinHandle<T> handle) throws Exception {
    return handle.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void aTaskOnAnEventLoop() throws Exception {
    Channel channel = client().connect(address).syncUninterruptibly().channel();
    String message = "hello";
    List<String> sent = new ArrayList<>();
    HostedDispatcher dispatcher = NettyDispatcher.on(channel.eventLoop());
    Pollable<Void> written = NettyFutures.pollable("write", () -> channel.writeAndFlush(message));
    JoinHandle<Complete> task =
        dispatcher.spawn(
            "send",
            Pollable.owning(
                List.of(written),
                cx -> {
                  if (written.poll(cx).isPending()) {
                    return Poll.pending(); // the event loop goes on with its events
                  }
                  sent.add(message); // where the handlers of the channel may read it
                  return Poll.ready();
                }));
    await(task);
    assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
    assertThat(sent).containsExactly("hello");
    dispatcher.close();
  }

  @Test
  void futuresAsPollables() throws Exception {
    Bootstrap bootstrap = client();
    String message = "hello";
    Pollable<Channel> connected = NettyFutures.channel("connect", () -> bootstrap.connect(address));
    Pollable<Void> written =
        Pollables.then(
            connected,
            channel -> NettyFutures.pollable("write", () -> channel.writeAndFlush(message)));
    try (HostedDispatcher dispatcher = NettyDispatcher.on(group.next())) {
      await(dispatcher.spawn(written));
    }
    assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
  }
}
