package dev.reveille.callbacks.netty;

import dev.reveille.DispatcherOptions;
import dev.reveille.contract.DispatcherContract;
import dev.reveille.contract.Driven;
import dev.reveille.contract.HostedDriven;
import io.netty.channel.DefaultEventLoop;
import org.junit.jupiter.api.AfterAll;

/** An event loop that waits on its queue keeps the contract. */
class DefaultEventLoopContractTest extends DispatcherContract {
  private static final DefaultEventLoop LOOP =
      new DefaultEventLoop(EventLoops.named("default contract"));

  @AfterAll
  static void shutDown() throws Exception {
    EventLoops.end(LOOP, "default contract");
  }

  @Override
  protected Driven createDriven(DispatcherOptions options) {
    return HostedDriven.on(new NettyHost(LOOP), options);
  }
}
