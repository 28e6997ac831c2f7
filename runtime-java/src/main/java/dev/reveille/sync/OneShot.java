package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One value, once, from a {@link Sender} to a {@link Receiver}: the answer to a request, the result
 * of what runs elsewhere. The sender may fail it instead, or leave; the receiver may leave, which
 * the sender can find out.
 *
 * <pre>{@code
 * OneShot<String> answer = new OneShot<>("answer");
 * Pollable<String> receive = answer.receiver().receive();
 * loop.spawn("client", Pollable.owning(List.of(receive), cx -> receive.poll(cx).map(log::add)));
 * Thread server = new Thread(() -> answer.sender().send("42"));
 * }</pre>
 *
 * <p>A value is never lost without a word: {@link Sender#send} that returns false leaves it with
 * the caller; one that was accepted stays until the receiver takes it, also after the receiver was
 * closed; or, where a disposer was given, goes there when the receiver closes.
 *
 * <p><b>Threading.</b> All methods of both ends may be called by any thread; tasks of any
 * dispatcher may wait. <b>Memory effects.</b> Actions before a value was sent, or a failure, or the
 * sender was closed, happen-before what follows its receipt; actions before the receiver was closed
 * happen-before what follows the sender's learning of it.
 *
 * @param <T> the type of the value
 */
public final class OneShot<T> {
  // One lock guards all of it. The sender's side ends once:
  //
  //   OPEN --- send --> VALUE --- received, or disposed of --> TAKEN
  //   OPEN --- fail --> FAILED
  //   OPEN --- Sender.close --> LEFT
  //
  // and the receiver's once, by its close. Nothing is sent to a receiver that was closed before;
  // the lock decides which was before.

  private static final byte OPEN = 0;
  private static final byte VALUE = 1;
  private static final byte FAILED = 2;
  private static final byte LEFT = 3;
  private static final byte TAKEN = 4;

  private final Object lock = new Object();
  private final WaiterQueue receiving = new WaiterQueue();
  private final WaiterQueue watching = new WaiterQueue();
  private final String name;
  private final @Nullable Consumer<? super T> onUndelivered;
  private final Sender<T> sender;
  private final Receiver<T> receiver;

  private byte state = OPEN;
  private @Nullable T value;
  private @Nullable Throwable failure;
  private boolean receiverClosed;

  /** Creates one without a name. */
  public OneShot() {
    this("one-shot");
  }

  /**
   * Creates one.
   *
   * @param name for dumps and messages
   */
  public OneShot(String name) {
    this(name, null);
  }

  /**
   * Creates one whose value has to be disposed of if nobody takes it.
   *
   * @param name for dumps and messages
   * @param onUndelivered gets a value that was accepted and not received when the receiver closes;
   *     called once at most, by the thread that closes the receiver, which gets what it throws;
   *     null to leave the value to be taken after the close
   */
  public OneShot(String name, @Nullable Consumer<? super T> onUndelivered) {
    this.name = requireNonNull(name, "name");
    this.onUndelivered = onUndelivered;
    this.sender = new Sender<>(this);
    this.receiver = new Receiver<>(this);
  }

  /**
   * The end that sends.
   *
   * @return the same one each time
   */
  public Sender<T> sender() {
    return sender;
  }

  /**
   * The end that receives.
   *
   * @return the same one each time
   */
  public Receiver<T> receiver() {
    return receiver;
  }

  @Override
  public String toString() {
    byte how;
    boolean closed;
    synchronized (lock) { // without the value and the failure, whose toString() is user code
      how = state;
      closed = receiverClosed;
    }
    return "OneShot['"
        + name
        + "', "
        + switch (how) {
          case OPEN -> "nothing sent";
          case VALUE -> "value sent";
          case FAILED -> "failure sent";
          case LEFT -> "sender closed";
          default -> "value received";
        }
        + (closed ? ", receiver closed]" : "]");
  }

  private boolean end(byte how, @Nullable T sent, @Nullable Throwable thrown) {
    Waker wake;
    synchronized (lock) {
      if (state != OPEN || receiverClosed) {
        return false;
      }
      state = how;
      value = sent;
      failure = thrown;
      wake = Endpoint.wakeAll(receiving, null);
    }
    if (wake != null) {
      wake.wake();
    }
    return true;
  }

  /** Under the lock. After it nobody waits for anything more, which the sender may want to know. */
  private T takeValue() {
    T taken = requireNonNull(value);
    value = null;
    state = TAKEN;
    return taken;
  }

  /** Throws checked exceptions without wrapping them, as {@code JoinHandle} does. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the point of it
  private static <E extends Throwable> E asItIs(Throwable cause) throws E {
    throw (E) cause;
  }

  /**
   * The end that sends.
   *
   * <p><b>Threading.</b> All methods may be called by any thread. Of {@link #send}, {@link #fail}
   * and {@link #close} the first counts.
   *
   * @param <T> the type of the value
   */
  public static final class Sender<T> extends Endpoint<Complete, RuntimeException>
      implements AutoCloseable {
    private final OneShot<T> shared;

    private Sender(OneShot<T> shared) {
      super(shared.lock, shared.watching, "the receiver of '" + shared.name + "' to leave");
      this.shared = shared;
    }

    /**
     * Sends the value. Never waits.
     *
     * @param value the value
     * @return true if it was accepted; false if it was too late: the receiver was closed, or this
     *     end has sent, failed or closed before. Then the value stays with the caller
     */
    public boolean send(T value) {
      return shared.end(VALUE, requireNonNull(value, "value"), null);
    }

    /**
     * Sends a failure in place of the value: the receiver throws it, as it is. A receiver that is
     * closed without having looked does not hear of it.
     *
     * @param cause what the receiver throws
     * @return true if it was accepted; false if it was too late
     */
    public boolean fail(Throwable cause) {
      return shared.end(FAILED, null, requireNonNull(cause, "cause"));
    }

    /**
     * Leaves without a value: the receiver gets {@link ClosedException}. Does nothing after a value
     * or a failure was sent. Idempotent.
     */
    @Override
    public void close() {
      shared.end(LEFT, null, null);
    }

    /**
     * Waits until a value is not wanted any more; may be called again and again. Ready when the
     * receiver was closed, or has received the value. Pending until then; the receiver wakes.
     * Throws nothing. There is nothing to give up: one that stops polling is woken once more at
     * most.
     *
     * @param cx the context of the poll
     * @return ready when nobody waits for a value
     */
    public Poll<Complete> pollClosed(Context cx) {
      return poll(cx);
    }

    /**
     * {@link #pollClosed} as a one-shot operation: ready, pending and woken as that. Throws
     * nothing. {@code cancel()} stops waiting.
     *
     * @return a new operation
     */
    public Pollable<Complete> closed() {
      return operation("receiver of a one-shot to leave");
    }

    /**
     * Whether a value would be accepted now.
     *
     * @return false once this end has sent, failed or closed, or the receiver was closed
     */
    public boolean isOpen() {
      synchronized (shared.lock) {
        return shared.state == OPEN && !shared.receiverClosed;
      }
    }

    @Override
    boolean isReady() {
      return shared.receiverClosed || shared.state == TAKEN;
    }

    @Override
    Complete take() {
      return Complete.COMPLETE;
    }

    @Override
    public String toString() {
      return "Sender[" + shared + "]";
    }
  }

  /**
   * The end that receives: the value, once; a failure or the close of the sender as often as one
   * asks.
   *
   * <p><b>Threading.</b> All methods may be called by any thread. {@link #pollReceive} keeps one
   * waker: one task at a time uses it. Of several operations or threads that wait one gets the
   * value; the others {@link IllegalStateException}.
   *
   * @param <T> the type of the value
   */
  public static final class Receiver<T> extends Endpoint<T, Exception> implements AutoCloseable {
    private final OneShot<T> shared;

    private Receiver(OneShot<T> shared) {
      super(shared.lock, shared.receiving, "the value of '" + shared.name + "'");
      this.shared = shared;
    }

    /**
     * Receives the value; may be called again and again until it was ready. Pending until something
     * was sent; the sender wakes. There is nothing to give up but {@link #close}.
     *
     * @param cx the context of the poll
     * @return ready with the value, once
     * @throws ClosedException if the sender has closed without a value
     * @throws IllegalStateException if the value was received before, or this receiver was closed
     *     and there is none
     * @throws Exception what the sender {@linkplain Sender#fail failed} with, as it is
     */
    public Poll<T> pollReceive(Context cx) throws Exception {
      return poll(cx);
    }

    /**
     * {@link #pollReceive} as a one-shot operation: ready, pending and woken as that, and it throws
     * the same. {@code cancel()} stops waiting and leaves this end open: the value may be received
     * by another operation; to tell the sender that nobody will, {@link #close} it.
     *
     * @return a new operation
     */
    public Pollable<T> receive() {
      return operation("receive of a one-shot");
    }

    /**
     * Receives the value if it is there.
     *
     * @return the value, or null if nothing was sent yet
     * @throws ClosedException if the sender has closed without a value
     * @throws IllegalStateException if the value was received before, or this receiver was closed
     *     and there is none
     * @throws Exception what the sender failed with, as it is
     */
    public @Nullable T tryReceive() throws Exception {
      return tryTake();
    }

    /**
     * Receives the value, and blocks the calling thread until it is there: for threads beside the
     * loops.
     *
     * @return the value
     * @throws InterruptedException if the thread is interrupted; the value can still be received
     * @throws ClosedException if the sender has closed without a value
     * @throws IllegalStateException if the value was received before, or this receiver was closed
     *     and there is none
     * @throws Exception what the sender failed with, as it is
     */
    public T blockingReceive() throws Exception {
      return requireNonNull(blocking(Parking.FOREVER));
    }

    /**
     * {@link #blockingReceive()} for a limited time, of the system's clock.
     *
     * @param timeout how long to wait at most; zero or less means not at all
     * @return the value, or null if the time ran out; it can still be received then
     * @throws Exception as {@link #blockingReceive()}
     */
    public @Nullable T blockingReceive(Duration timeout) throws Exception {
      return blocking(Parking.nanos(timeout));
    }

    /**
     * Leaves: nothing is accepted any more. A value that was accepted before goes to the disposer
     * of this one-shot if it has one; else it can still be received. Idempotent.
     */
    @Override
    public void close() {
      Waker wake;
      Consumer<? super T> disposer = shared.onUndelivered;
      T undelivered = null;
      synchronized (shared.lock) {
        if (shared.receiverClosed) {
          return;
        }
        shared.receiverClosed = true;
        if (disposer != null && shared.state == VALUE) {
          undelivered = shared.takeValue();
        }
        wake = wakeAll(shared.watching, null);
        wake = wakeAll(shared.receiving, wake);
      }
      if (wake != null) {
        wake.wake();
      }
      if (disposer != null && undelivered != null) {
        disposer.accept(undelivered);
      }
    }

    @Override
    boolean isReady() {
      return switch (shared.state) {
        case VALUE -> true;
        case FAILED -> throw OneShot.<RuntimeException>asItIs(requireNonNull(shared.failure));
        case LEFT ->
            throw new ClosedException("the sender of '" + shared.name + "' closed without a value");
        case TAKEN ->
            throw new IllegalStateException(
                "the value of '" + shared.name + "' was received, or disposed of, before");
        default -> { // OPEN
          if (shared.receiverClosed) {
            throw new IllegalStateException(
                "the receiver of '" + shared.name + "' was closed before anything was sent");
          }
          yield false;
        }
      };
    }

    @Override
    T take() {
      return shared.takeValue();
    }

    @Override
    @Nullable Waker taken() {
      return wakeAll(shared.watching, null);
    }

    @Override
    public String toString() {
      return "Receiver[" + shared + "]";
    }
  }
}
