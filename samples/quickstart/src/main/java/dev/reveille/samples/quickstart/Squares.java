package dev.reveille.samples.quickstart;

import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskGroup;
import dev.reveille.combine.Pollables;
import dev.reveille.combine.Timeout;
import dev.reveille.sync.Channel;
import dev.reveille.sync.PollStream;
import java.time.Duration;
import java.util.List;

final class Squares {
  private Squares() {}

  // readme: tasks
  /** Two tasks with a channel between them. They fail together, and have a second. */
  static List<Integer> squares(RunnableDispatcher loop, List<Integer> numbers) throws Exception {
    Channel<Integer> channel = Channel.bounded(4);
    var in = channel.newReceiver().asStream();
    var out = channel.newSender();

    TaskGroup group = TaskGroup.failFast(loop, "squares");
    group.spawn("send", PollStream.from(numbers).sendTo(out));
    JoinHandle<List<Integer>> squares = group.spawn("square", in.map(n -> n * n).toList());

    var all = Pollables.then(group.join(), done -> squares.join());
    return loop.runUntil(Timeout.after(Duration.ofSeconds(1), all)).value();
  }
  // readme: end
}
