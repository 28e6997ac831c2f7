package dev.reveille.samples.resp.demo;

import java.util.List;
import redis.clients.jedis.Jedis;

/** Sends one command after the other and checks each reply against a model. */
final class ModelActor extends Actor {
  static final String KIND = "single commands";

  private final long seed;

  ModelActor(int number, long seed) {
    super("model-" + number);
    this.seed = seed;
  }

  @Override
  void play(Jedis jedis, Stage stage) {
    Script script = new Script(stage.prefix() + name() + ":", seed);
    Model model = new Model();
    while (!stage.isOver()) {
      send(jedis, stage, model, script.next());
    }
    send(jedis, stage, model, script.cleanUp());
  }

  private void send(Jedis jedis, Stage stage, Model model, List<String> words) {
    Object received =
        Replies.normal(() -> jedis.sendCommand(Replies.command(words), Replies.arguments(words)));
    stage.tally().check(name(), words, model.reply(words), received);
    stage.tally().count(KIND, 1);
  }
}
