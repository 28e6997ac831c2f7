package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import dev.reveille.callbacks.LegacyApis.AsyncResult;
import dev.reveille.callbacks.LegacyApis.DataCallback;
import dev.reveille.callbacks.LegacyApis.Handler;
import dev.reveille.callbacks.LegacyApis.HcCallback;
import dev.reveille.callbacks.LegacyApis.JettyCallback;
import dev.reveille.callbacks.LegacyApis.KafkaCallback;
import dev.reveille.callbacks.LegacyApis.KeeperException;
import dev.reveille.callbacks.LegacyApis.Metadata;
import dev.reveille.callbacks.LegacyApis.NettyFuture;
import dev.reveille.callbacks.LegacyApis.NodeCallback;
import dev.reveille.callbacks.LegacyApis.OkCallback;
import dev.reveille.callbacks.LegacyApis.Stat;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each shape that a single-shot callback has, with each of its outcomes. */
final class ShapesTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final IOException gone = new IOException("gone");

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private <T extends @Nullable Object> T outcome(Initiator<T> start) throws Exception {
    return loop.runUntil(Callbacks.call("x", start)).value();
  }

  // ------------------------------------------------------------------ a method for each outcome

  @Test
  void successAndFailureAreTwoMethods() throws Exception {
    Complete done =
        outcome(
            c -> JettyCallback.from(Shapes.asRunnable(c), Shapes.failure(c)::accept).succeeded());

    assertThat(done).isSameAs(Complete.COMPLETE);
    assertThatThrownBy(
            () ->
                this.<Complete>outcome(
                    c ->
                        JettyCallback.from(Shapes.asRunnable(c), Shapes.failure(c)::accept)
                            .failed(gone)))
        .isSameAs(gone);
  }

  private static <T> HcCallback<T> threeMethods(Completer<T> c) {
    Consumer<T> success = Shapes.success(c);
    Consumer<@Nullable Throwable> failure = Shapes.failure(c);
    return new HcCallback<>() {
      @Override
      public void completed(T result) {
        success.accept(result);
      }

      @Override
      public void failed(Exception cause) {
        failure.accept(cause);
      }

      @Override
      public void cancelled() {
        c.cancelled();
      }
    };
  }

  @Test
  void successFailureAndCancelledAreThreeMethods() throws Exception {
    String page = outcome(c -> threeMethods(c).completed("page"));

    assertThat(page).isEqualTo("page");
    assertThatThrownBy(() -> this.<String>outcome(c -> threeMethods(c).failed(gone)))
        .isSameAs(gone);
    assertThatThrownBy(() -> this.<String>outcome(c -> threeMethods(c).cancelled()))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("'x'");
  }

  private static OkCallback callFirst(Completer<String> c) {
    return new OkCallback() {
      @Override
      public void onResponse(String call, String response) {
        Shapes.success(c).accept(response);
      }

      @Override
      public void onFailure(String call, IOException failure) {
        Shapes.failure(c).accept(failure);
      }
    };
  }

  @Test
  void theCallComesBeforeTheValueOrTheFailure() throws Exception {
    String response = outcome(c -> callFirst(c).onResponse("call", "response"));

    assertThat(response).isEqualTo("response");
    assertThatThrownBy(() -> this.<String>outcome(c -> callFirst(c).onFailure("call", gone)))
        .isSameAs(gone);
  }

  @Test
  void theAttachmentOfAHandlerIsNotLookedAt() throws Exception {
    Integer read = outcome(c -> Callbacks.<Integer>handler(c).completed(5, new Object()));

    assertThat(read).isEqualTo(5);
  }

  // ------------------------------------------------------------------ value and error

  @Test
  void theErrorDecidesAndNeverTheValue() throws Exception {
    Metadata sent =
        outcome(
            c -> {
              KafkaCallback callback = Shapes.asBiConsumer(c)::accept;
              callback.onCompletion(new Metadata(7), null);
            });

    assertThat(sent.offset()).isEqualTo(7);
    assertThatThrownBy(
            () ->
                this.<Metadata>outcome(
                    c -> {
                      KafkaCallback callback = Shapes.asBiConsumer(c)::accept;
                      callback.onCompletion(new Metadata(-1), gone); // as Kafka does it
                    }))
        .isSameAs(gone);
  }

  @Test
  void anApiThatWantsABiConsumerOfItsOwnTypesGetsIt() throws Exception {
    String value =
        outcome(
            c -> {
              BiConsumer<String, @Nullable IOException> callback = Shapes.asBiConsumer(c);
              callback.accept("value", null);
            });

    assertThat(value).isEqualTo("value");
  }

  @Test
  void noValueAndNoErrorIsASuccessWithNull() throws Exception {
    @Nullable String nothing =
        this.<@Nullable String>outcome(c -> Shapes.asBiConsumer(c).accept(null, null));

    assertThat(nothing).isNull();
  }

  @Test
  void theErrorComesFirst() throws Exception {
    String value = outcome(c -> Shapes.asErrorFirst(c).accept(null, "value"));

    assertThat(value).isEqualTo("value");
    assertThatThrownBy(
            () -> this.<String>outcome(c -> Shapes.asErrorFirst(c).accept(gone, "not looked at")))
        .isSameAs(gone);
  }

  @Test
  void anErrorThatIsNoThrowableIsMadeOne() throws Exception {
    Object value =
        outcome(
            c -> {
              NodeCallback callback = script(c);
              callback.call(null, "value");
            });

    assertThat(value).isEqualTo("value");
    assertThatThrownBy(
            () ->
                outcome(
                    c -> {
                      NodeCallback callback = script(c);
                      callback.call("ENOENT", null);
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("ENOENT");
  }

  private static NodeCallback script(Completer<Object> c) {
    return (error, value) ->
        Shapes.asErrorFirst(c).accept(error == null ? null : new IOException(error), value);
  }

  // ------------------------------------------------------------------ return codes

  private record Node(int length, int version) {
    static Node of(byte @Nullable [] data, @Nullable Stat stat) {
      return new Node(data.length, stat.version()); // neither is there after a failure
    }
  }

  @Test
  void aGoodReturnCodeBringsTheValues() throws Exception {
    byte[] data =
        outcome(c -> keeper(c, KeeperException::of).processResult(0, "/", null, bytes(), null));
    Node node = outcome(c -> several(c).processResult(0, "/", "ctx", bytes(), new Stat(3)));

    assertThat(data).hasSize(2);
    assertThat(node).isEqualTo(new Node(2, 3));
  }

  @Test
  void aBadReturnCodeIsTheExceptionThatItIsMappedToWhateverElseIsThere() {
    assertThatThrownBy(
            () ->
                this.<byte[]>outcome(
                    c ->
                        keeper(c, KeeperException::of)
                            .processResult(-101, "/", null, bytes(), null)))
        .isInstanceOfSatisfying(KeeperException.class, e -> assertThat(e.code).isEqualTo(-101));
    assertThatThrownBy(
            () -> this.<Node>outcome(c -> several(c).processResult(-4, "/", null, null, null)))
        .isInstanceOfSatisfying(KeeperException.class, e -> assertThat(e.code).isEqualTo(-4));
  }

  @Test
  void theReturnCodeMayBeTheValueItself() throws Exception {
    Integer count =
        outcome(
            c ->
                Shapes.<Integer>rc(c, rc -> rc < 0 ? new KeeperException(rc) : null)
                    .accept(12, 12));

    assertThat(count).isEqualTo(12);
  }

  private static byte[] bytes() {
    return new byte[] {1, 2};
  }

  private static DataCallback keeper(
      Completer<byte[]> c, IntFunction<? extends @Nullable Throwable> failures) {
    RcCallback<byte[]> answer = Shapes.rc(c, failures);
    return (rc, path, ctx, data, stat) -> answer.accept(rc, data);
  }

  private static DataCallback several(Completer<Node> c) {
    RcCallback<Node> answer = Shapes.rc(c, KeeperException::of);
    return (rc, path, ctx, data, stat) -> answer.acceptFrom(rc, () -> Node.of(data, stat));
  }

  // ------------------------------------------------------------------ objects

  private static Handler<AsyncResult<String>> vertx(Completer<String> c) {
    return r ->
        Shapes.fromResult(c, r, AsyncResult::failed, AsyncResult::result, AsyncResult::cause);
  }

  @Test
  void aResultObjectHasTheOutcomeInIt() throws Exception {
    String value = outcome(c -> vertx(c).handle(new AsyncResult<>("value", null)));

    assertThat(value).isEqualTo("value");
    assertThatThrownBy(
            () ->
                this.<String>outcome(
                    c -> vertx(c).handle(new AsyncResult<>("not looked at", gone))))
        .isSameAs(gone);
  }

  @Test
  void theFutureItselfHasTheOutcomeInIt() throws Exception {
    assertThat(netty("value", null)).isEqualTo("value");
    assertThatThrownBy(() -> netty(null, gone)).isSameAs(gone);
    assertThatThrownBy(() -> netty(null, new CancellationException("by Netty")))
        .isInstanceOf(CancellationException.class);
  }

  private @Nullable String netty(@Nullable String value, @Nullable Throwable failure)
      throws Exception {
    NettyFuture future = new NettyFuture();
    return this.<@Nullable String>outcome(
        c -> {
          future.addListener(
              f ->
                  Shapes.fromResult(
                      c, f, x -> !x.isSuccess(), NettyFuture::getNow, NettyFuture::cause));
          future.end(value, failure);
        });
  }

  // ------------------------------------------------------------------ values, signals

  @Test
  void aValueComesAlone() throws Exception {
    String event =
        outcome(
            c -> {
              Handler<String> handler = Shapes.success(c)::accept;
              handler.handle("event");
            });

    assertThat(event).isEqualTo("event");
  }

  @Test
  void aSignalComesAloneAndStandsForAValueThatIsKnown() throws Exception {
    Complete signal = outcome(c -> Shapes.asRunnable(c).run());
    String known = outcome(c -> Shapes.asRunnable(c, "known").run());

    assertThat(signal).isSameAs(Complete.COMPLETE);
    assertThat(known).isEqualTo("known");
  }
}
