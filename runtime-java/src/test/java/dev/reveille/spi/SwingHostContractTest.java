package dev.reveille.spi;

import dev.reveille.DispatcherOptions;
import dev.reveille.contract.DispatcherContract;
import dev.reveille.contract.Driven;
import dev.reveille.contract.HostedDriven;

/** The event thread of Swing keeps the contract, in a headless JVM too. */
class SwingHostContractTest extends DispatcherContract {
  @Override
  protected Driven createDriven(DispatcherOptions options) {
    return HostedDriven.on(SwingHost.create(), options);
  }
}
