package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** First in, first out; and a seal that lets nothing through. */
final class InboxTest {
  private final Inbox inbox = new Inbox();

  private static final class Node extends InboxNode {
    final int thread;
    final int number;

    Node(int thread, int number) {
      this.thread = thread;
      this.number = number;
    }

    @Override
    void drained(Loop loop) {
      throw new AssertionError("there is no loop");
    }
  }

  private Node push() {
    Node node = new Node(0, 0);
    assertThat(inbox.push(node)).isTrue();
    return node;
  }

  private static List<InboxNode> list(InboxNode oldest) {
    List<InboxNode> nodes = new ArrayList<>();
    for (InboxNode node = oldest; node != null; node = node.next) {
      nodes.add(node);
    }
    return nodes;
  }

  @Test
  void takesEverythingOldestFirst() {
    Node first = push();
    Node second = push();
    Node third = push();

    assertThat(inbox.isEmpty()).isFalse();
    assertThat(list(inbox.take())).containsExactly(first, second, third);
    assertThat(inbox.isEmpty()).isTrue();
    assertThat(inbox.take()).isNull();
  }

  @Test
  void aNodeMayBePushedAgainAfterItWasTaken() {
    Node node = push();
    assertThat(list(inbox.take())).containsExactly(node);
    assertThat(inbox.push(node)).isTrue();
    Node other = push();
    assertThat(list(inbox.take())).containsExactly(node, other);
  }

  @Test
  void theSealReturnsWhatWasNotTakenAndRefusesTheRest() {
    Node first = push();
    Node second = push();

    assertThat(list(inbox.seal())).containsExactly(first, second);
    assertThat(inbox.isSealed()).isTrue();
    assertThat(inbox.isEmpty()).isTrue();
    assertThat(inbox.push(new Node(0, 0))).isFalse();
    assertThat(inbox.take()).isNull();
    assertThat(inbox.seal()).isNull();
    assertThat(inbox.sealIfEmpty()).isFalse();
  }

  @Test
  void sealsIfEmptyOnlyIfEmpty() {
    Node node = push();
    assertThat(inbox.sealIfEmpty()).isFalse();
    assertThat(inbox.isSealed()).isFalse();
    Node later = push();
    assertThat(list(inbox.take())).containsExactly(node, later);

    assertThat(inbox.sealIfEmpty()).isTrue();
    assertThat(inbox.isSealed()).isTrue();
    assertThat(inbox.push(node)).isFalse();
  }

  @Test
  void theOrderOfEachThreadIsKeptAndNothingAcceptedIsLost() throws Exception {
    int threads = 3;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 200; round++) {
        Inbox shared = new Inbox();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Integer>> accepted = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
          int me = thread;
          accepted.add(
              executor.submit(
                  () -> {
                    start.await();
                    int number = 0;
                    while (number < 5_000 && shared.push(new Node(me, number))) {
                      number++;
                    }
                    return number;
                  }));
        }
        start.countDown();
        int[] taken = new int[threads];
        for (int look = round; look > 0; look--) {
          count(shared.take(), taken);
        }
        count(shared.seal(), taken);

        for (int thread = 0; thread < threads; thread++) {
          assertThat(accepted.get(thread).get(30, TimeUnit.SECONDS)).isEqualTo(taken[thread]);
        }
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private static void count(InboxNode oldest, int[] taken) {
    for (InboxNode node : list(oldest)) {
      Node numbered = (Node) node;
      assertThat(numbered.number).isEqualTo(taken[numbered.thread]++);
    }
  }
}
