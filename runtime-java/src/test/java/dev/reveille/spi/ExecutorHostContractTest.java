package dev.reveille.spi;

import dev.reveille.DispatcherOptions;
import dev.reveille.contract.DispatcherContract;
import dev.reveille.contract.Driven;
import dev.reveille.contract.HostedDriven;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;

/** A pool of several threads keeps the contract. */
class ExecutorHostContractTest extends DispatcherContract {
  private static final ScheduledExecutorService POOL = Executors.newScheduledThreadPool(3);

  @AfterAll
  static void shutDown() {
    POOL.shutdownNow();
  }

  @Override
  protected Driven createDriven(DispatcherOptions options) {
    return HostedDriven.on(ExecutorHost.of(POOL), options);
  }
}
