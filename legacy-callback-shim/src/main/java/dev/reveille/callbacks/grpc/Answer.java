package dev.reveille.callbacks.grpc;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;

/** Sends one response, without a look at the readiness: there is nothing that it could overtake. */
final class Answer<R> extends Operation<Complete> {
  private final Pollable<? extends R> answer;
  private final GrpcSink<R> responses;

  Answer(Pollable<? extends R> answer, GrpcSink<R> responses) {
    super("answer of a gRPC call");
    this.answer = answer;
    this.responses = responses;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    Poll<? extends R> poll = answer.poll(cx);
    if (poll.isPending()) {
      return Poll.pending();
    }
    responses.sendLast(poll.value());
    return Poll.ready();
  }

  @Override
  protected void doCancel() {
    answer.cancel();
  }
}
