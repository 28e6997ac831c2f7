package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.EmitResult;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.callback.Registrar;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.beans.PropertyChangeListener;
import java.beans.PropertyChangeSupport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The examples of Emitter, EmitResult, Overflow and Registrar. */
final class EmitterExampleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private record Price(int cents) {}

  /** A callback API, as they are. */
  private static final class Feed {
    @FunctionalInterface
    interface Listener {
      void onPrice(Price price);
    }

    final Map<String, Listener> listeners = new HashMap<>();

    void addListener(String share, Listener listener) {
      listeners.put(share, listener);
    }

    void removeListener(String share, Listener listener) {
      listeners.remove(share, listener);
    }
  }

  private static PollStream<Price> prices(Feed feed, String share) {
    PollStream<Price> prices =
        Emitter.stream(
            "prices of " + share,
            Overflow.dropOldest(100), // if who polls is slow
            emitter -> {
              Feed.Listener listener = emitter::next; // comes on threads of the feed
              feed.addListener(share, listener);
              return () -> feed.removeListener(share, listener);
            });
    return prices;
  }

  @Test
  void aListenerBecomesAStream() throws Exception {
    Feed feed = new Feed();
    var two = dispatcher.spawn(prices(feed, "ACME").take(2).toList()).toCompletableFuture();
    dispatcher.runUntilStalled();

    rig.elsewhere(() -> feed.listeners.get("ACME").onPrice(new Price(101)));
    rig.elsewhere(() -> feed.listeners.get("ACME").onPrice(new Price(99)));
    dispatcher.runUntilStalled();

    assertThat(two.get()).containsExactly(new Price(101), new Price(99));
    assertThat(feed.listeners).isEmpty();
  }

  /** One that asks after each price whether to go on. */
  private static final class PoliteFeed {
    Function<Integer, Boolean> callback = price -> true;

    void onPrice(Function<Integer, Boolean> callback) {
      this.callback = callback;
    }
  }

  private static final boolean STOP = false;
  private static final boolean GO_ON = true;

  @Test
  void aSourceThatCanBeToldToStop() {
    PoliteFeed feed = new PoliteFeed();
    List<Integer> prices = new ArrayList<>();
    dispatcher.spawn(
        Emitter.<Integer>stream(
                "prices",
                Overflow.unbounded(),
                emitter -> {
                  feed.onPrice(
                      price -> emitter.next(price) instanceof EmitResult.Terminated ? STOP : GO_ON);
                  return () -> {};
                })
            .take(1)
            .forEach(prices::add));
    dispatcher.runUntilStalled();

    assertThat(feed.callback.apply(1)).isEqualTo(GO_ON);
    dispatcher.runUntilStalled();
    assertThat(feed.callback.apply(2)).isEqualTo(STOP);
    assertThat(prices).containsExactly(1);
  }

  private static final class Socket {
    final List<Boolean> autoRead = new ArrayList<>();

    void setAutoRead(boolean on) {
      autoRead.add(on);
    }
  }

  @Test
  void aSourceThatIsPaused() {
    Socket socket = new Socket();
    Overflow overflow =
        Overflow.watermark(
            16, // once no more than these are left, it goes on
            64, // once there are so many, it is asked to stop
            () -> socket.setAutoRead(false),
            () -> socket.setAutoRead(true));

    List<Emitter<Integer>> emitters = new ArrayList<>();
    PollStream<Integer> stream =
        Emitter.stream(
            "reads",
            overflow,
            emitter -> {
              emitters.add(emitter);
              for (int i = 0; i < 64; i++) {
                emitter.next(i);
              }
              return () -> {};
            });
    var first = dispatcher.spawn(stream.next());
    dispatcher.runUntilStalled();
    assertThat(first.isDone()).isTrue();
    emitters.get(0).next(64);
    dispatcher.runUntilStalled();
    assertThat(socket.autoRead).containsExactly(false);
    dispatcher.spawn(stream.forEach(n -> {}));
    dispatcher.runUntilStalled();
    assertThat(socket.autoRead).containsExactly(false, true);
  }

  @Test
  void theListenerOfABean() throws Exception {
    PropertyChangeSupport bean = new PropertyChangeSupport(this);

    Registrar<Object> registrar =
        emitter -> {
          PropertyChangeListener listener = event -> emitter.next(event.getNewValue());
          bean.addPropertyChangeListener("speed", listener);
          return () -> bean.removePropertyChangeListener("speed", listener);
        };
    PollStream<Object> speeds = Emitter.stream("speed", Overflow.latest(), registrar);

    var first = dispatcher.spawn(speeds.first()).toCompletableFuture();
    dispatcher.runUntilStalled();
    assertThat(bean.hasListeners("speed")).isTrue();
    bean.firePropertyChange("speed", 50, 130);
    dispatcher.runUntilStalled();
    assertThat(first.get()).isEqualTo(130);
    assertThat(bean.hasListeners("speed")).isFalse();
  }
}
