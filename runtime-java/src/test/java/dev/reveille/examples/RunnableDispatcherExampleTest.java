package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunnableDispatcherExampleTest {
  private static final class Game {
    final List<String> log = new ArrayList<>();
    final RunnableDispatcher dispatcher;
    private int frames;

    Game(RunnableDispatcher dispatcher) {
      this.dispatcher = dispatcher;
    }

    void load(String level) {
      log.add("load " + level);
    }

    boolean isOn() {
      return frames < 2;
    }

    void drawFrame() {
      frames++;
      log.add("frame " + frames);
      dispatcher.post(() -> log.add("callback"));
    }
  }

  private static void play(RunnableDispatcher dispatcher, Game game, Pollable<String> readLevel)
      throws Exception {
    Poll<String> level = dispatcher.runUntil(readLevel); // sleeps when there is nothing to do
    game.load(level.value());
    while (game.isOn()) {
      dispatcher.runUntilStalled(); // what is ready now; never sleeps
      game.drawFrame();
    }
    dispatcher.runToCompletion(); // what is left, to its end
  }

  @Test
  void oneThreadRunsItInTheMiddleOfSomethingElse() throws Exception {
    try (var dispatcher = new BasicDispatcher()) {
      Game game = new Game(dispatcher);
      play(dispatcher, game, cx -> Poll.ready("one"));
      assertThat(game.log)
          .containsExactly("load one", "frame 1", "callback", "frame 2", "callback");
    }
  }
}
