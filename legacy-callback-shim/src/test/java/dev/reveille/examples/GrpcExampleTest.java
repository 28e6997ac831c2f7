package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.callbacks.grpc.GrpcCall;
import dev.reveille.callbacks.grpc.GrpcCalls;
import dev.reveille.callbacks.grpc.GrpcRig;
import dev.reveille.callbacks.grpc.GrpcServer;
import dev.reveille.callbacks.grpc.GrpcSink;
import dev.reveille.sync.PollStream;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcExampleTest {
  private final GrpcRig rig = new GrpcRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static Pollable<String> answerTo(String question) {
    return cx -> Poll.ready("an answer to " + question);
  }

  private static final class Service {
    private final Dispatcher dispatcher;

    Service(Dispatcher dispatcher) {
      this.dispatcher = dispatcher;
    }

    void ask(String question, StreamObserver<String> responses) {
      GrpcServer.unary(dispatcher, "ask", responses, answerTo(question));
    }

    StreamObserver<String> chat(StreamObserver<String> responses) {
      return GrpcServer.<String, String>bidi(
          dispatcher, "chat", responses, requests -> requests.map(text -> "you said " + text));
    }
  }

  /** With the names of methods as they could be generated. */
  private record Stub(GrpcRig.Stub stub) {
    void ask(String question, StreamObserver<String> observer) {
      stub.unary(question, observer);
    }

    void ticks(String how, StreamObserver<String> observer) {
      stub.serverStreaming(how, observer);
    }

    StreamObserver<String> upload(StreamObserver<String> observer) {
      return stub.clientStreaming(observer);
    }

    StreamObserver<String> chat(StreamObserver<String> observer) {
      return stub.bidi(observer);
    }
  }

  private Stub stub() {
    Dispatcher loop = rig.dispatcher();
    Service service = new Service(loop);
    rig.unary(service::ask);
    rig.serverStreaming(
        (how, responses) ->
            GrpcServer.serverStreaming(loop, "ticks", responses, PollStream.from(List.of(how))));
    rig.clientStreaming(
        responses ->
            GrpcServer.<String, String>clientStreaming(
                loop, "upload", responses, all -> all.fold("", String::concat)));
    rig.bidi(service::chat);
    return new Stub(rig.stub());
  }

  @Test
  void theFourKindsOfCalls() throws Exception {
    Stub stub = stub();
    Pollable<String> answer = GrpcCalls.unary("ask", observer -> stub.ask("a question", observer));
    PollStream<String> ticks =
        GrpcCalls.serverStreaming("ticks", observer -> stub.ticks("fast", observer));
    Pollable<String> sum =
        GrpcCalls.clientStreaming("upload", stub::upload, PollStream.from(List.of("a", "b")));
    PollStream<String> replies =
        GrpcCalls.bidi("chat", stub::chat, PollStream.from(List.of("hello", "bye")));
    assertThat(rig.await(answer)).isEqualTo("an answer to a question");
    assertThat(rig.await(ticks.toList())).containsExactly("fast");
    assertThat(rig.await(sum)).isEqualTo("ab");
    assertThat(rig.await(replies.toList())).containsExactly("you said hello", "you said bye");
  }

  @Test
  void aCallThatIsLedByHand() throws Exception {
    Stub stub = stub();
    GrpcCall<String, String> chat = GrpcCalls.open("chat", stub::chat);
    Pollable<Boolean> asked = chat.requests().send("how are you?");
    Pollable<@Nullable String> answer = chat.responses().next();
    assertThat(rig.await(asked)).isEqualTo(true);
    assertThat(rig.await(answer)).isEqualTo("you said how are you?");
    rig.dispatcher().post(chat.responses()::cancel);
  }

  @Test
  void readinessIsPolled() throws Exception {
    Stub stub = stub();
    Queue<String> lines = new ArrayDeque<>(List.of("one", "two", "three"));
    GrpcCall<String, String> chat = GrpcCalls.open("chat", stub::chat);
    GrpcSink<String> out = chat.requests();
    Pollable<Complete> said =
        cx -> {
          while (!lines.isEmpty()) {
            if (out.pollReady(cx).isPending()) {
              return Poll.pending(); // until the peer has taken some
            }
            out.trySend(lines.remove());
          }
          out.complete();
          return Poll.ready();
        };
    rig.await(said);
    assertThat(rig.await(chat.responses().toList())).hasSize(3);
  }
}
