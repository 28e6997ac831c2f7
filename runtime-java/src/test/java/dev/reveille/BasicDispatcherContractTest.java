package dev.reveille;

import dev.reveille.contract.RunnableDispatcherContract;

final class BasicDispatcherContractTest extends RunnableDispatcherContract {
  @Override
  protected RunnableDispatcher create(DispatcherOptions options) {
    return new BasicDispatcher(options);
  }
}
