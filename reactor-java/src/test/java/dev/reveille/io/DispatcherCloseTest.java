package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of a dispatcher that has sockets. */
final class DispatcherCloseTest {
  private final Rig rig = new Rig(SelectorDispatcher::new);
  private final SelectorDispatcher loop = (SelectorDispatcher) rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  @Test
  void socketsThatNoSelectorHasSeenAreClosedTooAndTheClosedOnesAreForgotten() throws Exception {
    Ends ends = Ends.tcp(loop); // nobody has waited for them
    TcpListener listener = loop.listen(Ends.anyPort());
    assertThat(loop.registrations.size()).isEqualTo(3);
    ends.client.close();
    assertThat(loop.registrations.size()).isEqualTo(2);

    loop.close();
    loop.close();

    assertThat(ends.server.isOpen()).isFalse();
    assertThat(listener.isOpen()).isFalse();
    assertThat(loop.registrations.size()).isZero();
    ends.server.close(); // as often as one likes
    listener.close();
  }

  @Test
  void theAddressesAreFreeWhenTheCloseReturns() throws Exception {
    TcpListener listener = loop.listen(Ends.anyPort());
    loop.spawn("acceptor", listener.accept());
    loop.runUntilStalled();
    loop.close();
    try (SelectorDispatcher other = new SelectorDispatcher()) {
      other.listen(listener.localAddress()).close();
    }
  }

  @Test
  void theWaitingTasksAreCancelledAndThePeersSeeTheEnd() throws Exception {
    TcpListener listener = loop.listen(Ends.anyPort());
    JoinHandle<TcpStream> accepted = loop.spawn("accept", listener.accept());
    try (Socket peer = new Socket()) {
      peer.connect(listener.localAddress());
      peer.setSoTimeout((int) Rig.PATIENCE.toMillis());
      TcpStream stream = loop.runUntil(accepted.join()).value();
      JoinHandle<Integer> read = loop.spawn("reader", stream.read(ByteBuffer.allocate(8)));
      loop.runUntilStalled();
      loop.close();
      assertThat(read.isDone()).isTrue();
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aForeignThreadClosesADrivenLoopAndTheDriverDoesIt() throws Exception {
    Ends ends = Ends.tcp(loop);
    JoinHandle<Integer> read = loop.spawn("reader", ends.server.read(ByteBuffer.allocate(8)));
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    rig.elsewhere(loop::close);
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
    assertThat(read.isDone()).isTrue();
    assertThat(ends.client.isOpen()).isFalse();
    assertThat(ends.server.isOpen()).isFalse();
  }

  @Test
  void onTheLoopTheCloseIsRefused() throws Exception {
    Ends ends = Ends.tcp(loop);
    assertThatThrownBy(
            () ->
                loop.runUntil(
                    cx -> {
                      loop.close();
                      return dev.reveille.Poll.ready();
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(ends.client.isOpen()).isTrue();
  }
}
