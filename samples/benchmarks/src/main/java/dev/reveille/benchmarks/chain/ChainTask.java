package dev.reveille.benchmarks.chain;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;

/** Makes chain after chain. */
final class ChainTask extends Task {
  private final int kind;
  private final Later later;
  private int left;
  private TenSteps chain;
  long sum;

  ChainTask(int kind, Later later, int chains) {
    this.kind = kind;
    this.later = later;
    this.left = chains;
    this.chain = TenSteps.of(kind, later, left);
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    for (; ; ) {
      Poll<Item> poll = chain.poll(cx);
      if (poll.isPending()) {
        return Poll.pending();
      }
      sum += poll.value().id();
      if (--left == 0) {
        return Poll.ready();
      }
      chain = TenSteps.of(kind, later, left);
    }
  }
}
