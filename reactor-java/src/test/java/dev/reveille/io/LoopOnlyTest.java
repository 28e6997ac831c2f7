package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.nio.ByteBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that belong on the loop, made elsewhere. */
final class LoopOnlyTest {
  private final Rig rig = new Rig(SelectorDispatcher::new);
  private final SelectorDispatcher loop = (SelectorDispatcher) rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  @Test
  void whileNobodyDrivesTheRoleIsTakenForTheCall() throws Exception {
    Ends ends = Ends.tcp(loop);
    rig.callElsewhere(
        () -> {
          assertThat(ends.client.tryWrite(ByteBuffer.wrap(new byte[] {1, 2}))).isEqualTo(2);
          return true;
        });
    loop.runUntil(ends.server::pollReadable);
    assertThat(ends.server.tryRead(ByteBuffer.allocate(8))).isEqualTo(2);
    assertThat(loop.onLoop()).isFalse(); // and given back
    ends.server.shutdownInput();
    ends.server.shutdownOutput();
    ends.server.close();
    assertThat(loop.onLoop()).isFalse();
  }

  @Test
  void whileAnotherThreadDrivesTheyAreRefusedAndNameStreamAndThreads() throws Exception {
    Ends ends = Ends.tcp(loop);
    TcpListener listener = loop.listen(Ends.anyPort());
    var guard = loop.workGuard();
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    Rig.awaitState("the loop sleeps", () -> loop.snapshot().driver() != null);
    ByteBuffer buffer = ByteBuffer.allocate(8);
    ByteBuffer[] buffers = {buffer};
    refused("tryRead", ends.client, () -> ends.client.tryRead(buffer));
    refused("tryRead", ends.client, () -> ends.client.tryRead(buffers, 0, 1));
    refused("tryWrite", ends.client, () -> ends.client.tryWrite(buffer));
    refused("tryWrite", ends.client, () -> ends.client.tryWrite(buffers, 0, 1));
    refused("shutdownInput", ends.client, ends.client::shutdownInput);
    refused("shutdownOutput", ends.client, ends.client::shutdownOutput);
    refused("close", ends.client, ends.client::close);
    refused("close", listener, listener::close);
    assertThat(ends.client.isOpen()).isTrue();
    assertThat(buffer.position()).isZero();
    guard.close();
    loop.stop();
    driving.awaitOutcome();
  }

  private void refused(String operation, Object whose, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(operation)
        .hasMessageContaining(whose.toString())
        .hasMessageContaining("'driver'")
        .hasMessageContaining("'" + Thread.currentThread().getName() + "'")
        .hasMessageContaining("post() it");
  }

  @Test
  void aStreamThatIsPolledOnTheLoopOfAnotherDispatcherSaysWhereItBelongs() throws Exception {
    Ends ends = Ends.tcp(loop);
    ends.client.tryRead(ByteBuffer.allocate(8)); // nothing: from now on it has to wait
    try (SelectorDispatcher other =
        new SelectorDispatcher(dev.reveille.DispatcherOptions.defaults().withName("other"))) {
      assertThatThrownBy(() -> other.runUntil(ends.client::pollReadable))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(ends.client.toString())
          .hasMessageContaining("'loop'")
          .hasMessageContaining("'other'");
    }
  }
}
