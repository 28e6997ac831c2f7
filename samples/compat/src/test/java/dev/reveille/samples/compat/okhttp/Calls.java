package dev.reveille.samples.compat.okhttp;

import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import dev.reveille.callbacks.Callbacks;
import java.io.IOException;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;

/** The calls of OkHttp as pollables. */
final class Calls {
  /** Whoever gets a response has to close it. Of one that nobody gets, that is our part. */
  static final CallOptions<Response> CLOSING = CallOptions.<Response>defaults().closeLateValues();

  private Calls() {}

  /** The response, whose body is not read yet. */
  static Pollable<Response> response(Call call) {
    return response(call, CLOSING);
  }

  static Pollable<Response> response(Call call, CallOptions<? super Response> options) {
    return Callbacks.callWithHandle(
        "response",
        options,
        c -> {
          call.enqueue(callback(c));
          return call;
        },
        Call::cancel);
  }

  /** The body, read by OkHttp's thread: the read blocks. */
  static Pollable<String> text(Call call) {
    return Callbacks.callWithHandle(
        "text",
        c -> {
          call.enqueue(
              new Callback() {
                @Override
                public void onResponse(Call of, Response response) {
                  try (response) {
                    c.complete(response.body().string());
                  } catch (IOException e) {
                    c.fail(e);
                  }
                }

                @Override
                public void onFailure(Call of, IOException failure) {
                  c.fail(failure);
                }
              });
          return call;
        },
        Call::cancel);
  }

  static Callback callback(Completer<? super Response> completer) {
    return new Callback() {
      @Override
      public void onResponse(Call call, Response response) {
        completer.complete(response);
      }

      @Override
      public void onFailure(Call call, IOException failure) {
        completer.fail(failure);
      }
    };
  }
}
