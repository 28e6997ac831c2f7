package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.callbacks.BlockingPortal;
import dev.reveille.combine.Pollables;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

final class BlockingPortalExampleTest {

  private static final class Server {
    private Predicate<String> veto = guest -> true;

    void setVeto(Predicate<String> some) {
      veto = some;
    }
  }

  private static final class Guests {
    Pollable<Boolean> isWelcome(String guest) {
      return Pollables.ready(guest.equals("alice"));
    }
  }

  @Test
  void aCallbackThatHasToAnswer() throws Exception {
    Server server = new Server();
    Guests guests = new Guests();
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      dispatcher.workGuard();
      Thread driver = new Thread(dispatcher::run);
      driver.start();

      BlockingPortal portal = BlockingPortal.of(dispatcher);
      server.setVeto( // called by threads of the server, which wait for the answer
          guest -> {
            try {
              return portal.await(() -> guests.isWelcome(guest), Duration.ofSeconds(5));
            } catch (Exception e) {
              return false; // no answer is a no
            }
          });

      assertThat(server.veto.test("alice")).isTrue();
      assertThat(server.veto.test("mallory")).isFalse();
      dispatcher.close();
      driver.join();
      assertThat(server.veto.test("alice")).isFalse();
    }
  }
}
