package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.callbacks.guava.GuavaFutures;
import dev.reveille.combine.Pollables;
import org.junit.jupiter.api.Test;

class GuavaExampleTest {
  private interface Service {
    ListenableFuture<Integer> priceOf(String article);
  }

  @Test
  void futuresBothWays() throws Exception {
    Service service = article -> Futures.immediateFuture(article.length());
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      Pollable<Integer> price = GuavaFutures.pollable("price", () -> service.priceOf("tea"));
      ListenableFuture<String> label =
          GuavaFutures.listenable(dispatcher, "label", Pollables.map(price, p -> "tea: " + p));
      dispatcher.runUntilStalled();
      assertThat(label.get()).isEqualTo("tea: 3");
    }
  }
}
