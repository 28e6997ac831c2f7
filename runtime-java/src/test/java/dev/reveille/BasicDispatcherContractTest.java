package dev.reveille;

import dev.reveille.contract.DispatcherContract;

final class BasicDispatcherContractTest extends DispatcherContract {
  @Override
  protected RunnableDispatcher create(DispatcherOptions options) {
    return new BasicDispatcher(options);
  }
}
