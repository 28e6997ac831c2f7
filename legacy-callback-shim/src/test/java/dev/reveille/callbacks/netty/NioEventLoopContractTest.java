package dev.reveille.callbacks.netty;

import dev.reveille.DispatcherOptions;
import dev.reveille.contract.DispatcherContract;
import dev.reveille.contract.Driven;
import dev.reveille.contract.HostedDriven;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import org.junit.jupiter.api.AfterAll;

/** An event loop that waits in a selector keeps the contract. */
class NioEventLoopContractTest extends DispatcherContract {
  private static final MultiThreadIoEventLoopGroup GROUP =
      new MultiThreadIoEventLoopGroup(
          1, EventLoops.named("nio contract"), NioIoHandler.newFactory());
  private static final EventLoop LOOP = GROUP.next();

  @AfterAll
  static void shutDown() throws Exception {
    EventLoops.end(GROUP, "nio contract");
  }

  @Override
  protected Driven createDriven(DispatcherOptions options) {
    return HostedDriven.on(new NettyHost(LOOP), options);
  }
}
