package dev.reveille.samples.compat.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;

/**
 * Writes in bursts, each of which has to be seen to its end before the next one. A change that gets
 * lost while a watch is set again is one that no later write makes up for, so each round is a
 * chance to find it.
 */
final class Bursts {
  private static final int ROUNDS = 150;
  private final List<Integer> sizes;
  private final int last;

  Bursts(long seed) {
    Random random = new Random(seed);
    sizes = IntStream.range(0, ROUNDS).mapToObj(round -> 1 + random.nextInt(3)).toList();
    last = sizes.stream().mapToInt(Integer::intValue).sum();
  }

  /** Of a node at version zero, whose versions the stream gives. */
  void areSeenToTheirEnds(
      Rig rig, RunnableDispatcher loop, ZooKeeper writer, String path, PollStream<Integer> versions)
      throws Exception {
    AtomicInteger latest = new AtomicInteger(-1);
    FutureTask<Boolean> writing = rig.start("writer", () -> write(writer, path, latest));
    List<Integer> seen = new ArrayList<>();
    loop.spawn(
        versions.onEach(seen::add).onEach(latest::set).filter(version -> version == last).first());
    Driving driving = rig.driveToCompletion(loop);

    assertThat(Rig.await(writing)).isTrue();
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(seen).isSorted().endsWith(last).hasSizeGreaterThanOrEqualTo(ROUNDS);
  }

  private boolean write(ZooKeeper writer, String path, AtomicInteger latest)
      throws KeeperException, InterruptedException {
    int version = 0;
    for (int size : sizes) {
      for (int i = 0; i < size; i++) {
        version = writer.setData(path, new byte[0], version).getVersion();
      }
      int expected = version;
      Rig.awaitState("the end of a burst", () -> latest.get() == expected);
    }
    return true;
  }
}
