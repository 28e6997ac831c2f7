package dev.reveille.samples.compat.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.SourceCancel;
import dev.reveille.combine.Join;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import dev.reveille.samples.compat.Heard;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code sendAsync}, by way of its stage. */
final class SendTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Heard heard = Heard.on(loop);
  private Site site;

  @BeforeEach
  void open() throws Exception {
    site = new Site();
  }

  @AfterEach
  void close() throws Exception {
    site.close();
    rig.close();
  }

  private CompletableFuture<HttpResponse<String>> send(HttpRequest request) {
    return site.client.sendAsync(request, BodyHandlers.ofString());
  }

  private static <T> Pollable<T> waiting(
      String name, CompletableFuture<T> stage, SourceCancel onCancel) {
    return Callbacks.fromStage(name, CallOptions.<T>defaults(), stage, onCancel);
  }

  @Test
  void anAnswerIsReadyWhenItsStageIs() throws Exception {
    HttpRequest request = site.request("/echo").POST(BodyPublishers.ofString("hello")).build();

    HttpResponse<String> answer = loop.runUntil(Callbacks.fromStage(send(request))).value();

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("hello");
  }

  @Test
  void aStageThatWasDoneBeforeIsReadyInTheFirstPoll() throws Exception {
    CompletableFuture<HttpResponse<String>> stage = send(site.get("/bytes/3"));
    stage.join();

    assertThat(Ended.begun(loop, Callbacks.fromStage(stage)).isDone()).isTrue();
  }

  @Test
  void aFailureComesWithoutTheWrapperOfTheStage() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port))
            .build();

    assertThatThrownBy(() -> loop.runUntil(Callbacks.fromStage(send(request))))
        .isInstanceOf(ConnectException.class);
    assertThatThrownBy(() -> loop.runUntil(Callbacks.fromStage(send(request).thenApply(r -> r))))
        .as("one stage further on, where the JDK wraps it")
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void givingUpCancelsTheExchange() throws Exception {
    CompletableFuture<HttpResponse<String>> stage = send(site.get("/held"));
    Ended<HttpResponse<String>> answer =
        Ended.begun(loop, waiting("answer", stage, SourceCancel.CANCEL));
    site.awaitHeld();

    answer.cancel();

    assertThat(stage).isDone();
    assertThat(answer.failure()).isInstanceOf(CancellationException.class);
    assertThat(heard.words()).containsExactlyInAnyOrder("answer CANCELLED", "answer late");
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aCancelReachesTheExchangeOfTheStageItselfAndNotThatOfOneFurtherOn() throws Exception {
    CompletableFuture<HttpResponse<String>> stage = send(site.get("/held"));
    Ended<String> body =
        Ended.begun(loop, Callbacks.fromStage(stage.thenApply(HttpResponse::body)));
    Ended<String> mapped =
        Ended.begun(loop, Pollables.map(Callbacks.fromStage(stage), HttpResponse<String>::body));
    site.awaitHeld();

    body.cancel();
    assertThat(stage).as("CompletableFuture does not pass it on").isNotDone();
    mapped.cancel();
    assertThat(stage).as("map does").isDone();
  }

  @Test
  void anExchangeThatOthersCancelIsCancelledForTheOneWhoWaits() throws Exception {
    CompletableFuture<HttpResponse<String>> stage = send(site.get("/held"));
    Ended<HttpResponse<String>> answer =
        Ended.begun(loop, waiting("answer", stage, SourceCancel.CANCEL));
    site.awaitHeld();

    stage.cancel(true); // its get() would throw an ExecutionException of a CancellationException

    assertThat(answer.failure()).isInstanceOf(CancellationException.class);
    assertThat(heard.words()).containsExactly("answer CANCELLED");
  }

  @Test
  void aSharedExchangeIsLeftAlone() throws Exception {
    CompletableFuture<HttpResponse<String>> stage = send(site.get("/held"));
    Ended<HttpResponse<String>> one = Ended.begun(loop, waiting("one", stage, SourceCancel.LEAVE));
    Ended<HttpResponse<String>> other =
        Ended.begun(loop, waiting("other", stage, SourceCancel.LEAVE));

    one.cancel();
    assertThat(stage).isNotDone();
    site.release();

    assertThat(other.value().body()).isEqualTo("held");
    Rig.awaitState("both have heard of it", () -> heard.count("late") == 1);
    assertThat(heard.words())
        .containsExactlyInAnyOrder("one CANCELLED", "one late", "other COMPLETED");
  }

  @Test
  void anAnswerThatTakesTooLongOnTheClockOfTheLoopIsCancelled() throws Exception {
    CompletableFuture<HttpResponse<String>> stage = send(site.get("/held"));
    Ended<HttpResponse<String>> answer =
        Ended.begun(
            loop,
            Callbacks.fromStage(
                "answer",
                CallOptions.<HttpResponse<String>>defaults().withTimeout(Duration.ofSeconds(10)),
                stage,
                SourceCancel.CANCEL));
    site.awaitHeld();

    rig.advance(Duration.ofSeconds(9));
    assertThat(stage).isNotDone();
    rig.advance(Duration.ofSeconds(1));

    assertThat(stage).isDone();
    assertThat(answer.failure()).isInstanceOf(TimeoutException.class);
  }

  @Test
  void oldStagesAndNewTasksShareAClient() throws Exception {
    List<Pollable<String>> tasks = new ArrayList<>();
    List<CompletableFuture<String>> stages = new ArrayList<>();
    List<String> onTheLoop = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      HttpRequest oldRequest =
          site.request("/echo").POST(BodyPublishers.ofString("old " + i)).build();
      HttpRequest newRequest =
          site.request("/echo").POST(BodyPublishers.ofString("new " + i)).build();
      stages.add(
          send(oldRequest)
              .thenApplyAsync( // old code hops to the loop, as to its executor before
                  answer -> {
                    onTheLoop.add(answer.body());
                    return answer.body();
                  },
                  loop.asExecutor()));
      tasks.add(
          Pollables.defer(
              () ->
                  Pollables.map(
                      Callbacks.fromStage(send(newRequest)), HttpResponse<String>::body)));
    }

    assertThat(loop.runUntil(Join.all(tasks)).value())
        .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(i -> "new " + i).toList());
    for (CompletableFuture<String> stage : stages) {
      loop.runUntil(Callbacks.fromStage(stage));
    }
    assertThat(onTheLoop)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 50).mapToObj(i -> "old " + i).toList());
  }
}
