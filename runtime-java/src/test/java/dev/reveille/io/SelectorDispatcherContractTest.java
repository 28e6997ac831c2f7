package dev.reveille.io;

import dev.reveille.DispatcherOptions;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.DispatcherContract;

final class SelectorDispatcherContractTest extends DispatcherContract {
  @Override
  protected RunnableDispatcher create(DispatcherOptions options) {
    return new SelectorDispatcher(options);
  }
}
