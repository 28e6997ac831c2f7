package dev.reveille.samples.resp.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;

/** Sends many commands at once and checks that as many replies come back, each the right one. */
final class PipelineActor extends Actor {
  static final String KIND = "pipelined commands";

  private static final int LONGEST = 100;

  private final long seed;

  PipelineActor(int number, long seed) {
    super("pipeline-" + number);
    this.seed = seed;
  }

  @Override
  void play(Jedis jedis, Stage stage) {
    Script script = new Script(stage.prefix() + name() + ":", seed);
    Model model = new Model();
    Random random = new Random(seed);
    while (!stage.isOver()) {
      List<List<String>> commands = new ArrayList<>();
      for (int i = random.nextInt(LONGEST); i >= 0; i--) {
        commands.add(script.next());
      }
      send(jedis, stage, model, commands);
    }
    send(jedis, stage, model, List.of(script.cleanUp()));
  }

  private void send(Jedis jedis, Stage stage, Model model, List<List<String>> commands) {
    List<Response<Object>> responses = new ArrayList<>();
    try (Pipeline pipeline = jedis.pipelined()) {
      for (List<String> words : commands) {
        responses.add(pipeline.sendCommand(Replies.command(words), Replies.arguments(words)));
      }
      pipeline.sync();
    }
    for (int i = 0; i < commands.size(); i++) {
      List<String> words = commands.get(i);
      Object received = Replies.normal(responses.get(i));
      stage.tally().check(name(), words, model.reply(words), received);
    }
    stage.tally().count(KIND, commands.size());
  }
}
