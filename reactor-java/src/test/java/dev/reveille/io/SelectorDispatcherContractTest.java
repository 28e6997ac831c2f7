package dev.reveille.io;

import dev.reveille.DispatcherOptions;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.RunnableDispatcherContract;

final class SelectorDispatcherContractTest extends RunnableDispatcherContract {
  @Override
  protected RunnableDispatcher create(DispatcherOptions options) {
    return new SelectorDispatcher(options);
  }
}
