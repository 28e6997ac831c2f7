package dev.reveille.samples.resp.command;

/** What a command does. Changes nothing and answers nothing if it throws. */
@FunctionalInterface
interface Handler {
  /** For commands that the executor hands back to its caller. */
  Handler ELSEWHERE =
      call -> {
        throw new IllegalStateException("not run by the executor: " + call.request());
      };

  void run(Call call) throws CommandError;
}
