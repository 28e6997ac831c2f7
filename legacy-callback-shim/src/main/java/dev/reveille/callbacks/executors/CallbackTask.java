package dev.reveille.callbacks.executors;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.Names;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A function that a {@link CallbackDispatcher} calls: belongs to the caller, and may be posted
 * again and again. It is posted at most once at a time, on one dispatcher; it is posted no more
 * when its function is called.
 *
 * <pre>{@code
 * CallbackTask blink =
 *     new CallbackTask(
 *         "blink",
 *         (context, status) -> {
 *           if (status == CallbackStatus.OK) {
 *             led.toggle();
 *             context.dispatcher().postAfter(context.task(), Duration.ofSeconds(1));
 *           }
 *         });
 * callbacks.post(blink);
 * }</pre>
 *
 * <p><b>Threading.</b> Any thread may post and cancel it, also several at the same time. <b>Memory
 * effects.</b> Actions in a thread before it posts a task happen-before the call of its function;
 * that of a post which finds the task posted already, too.
 */
public final class CallbackTask {
  private static final VarHandle OWNER =
      fieldVarHandle(
          MethodHandles.lookup(),
          "owner",
          VarHandle.class,
          CallbackTask.class,
          CallbackEngine.class);

  private final String name;
  final CallbackFunction function;

  /**
   * Where it is posted. CAS (volatile) from null by a dispatcher that holds its lock, back to null
   * by the same under the same lock: so what {@link #stay} and {@link #spare} say passes from lock
   * to lock.
   */
  private volatile @Nullable CallbackEngine owner;

  /** How it is posted, null if it is not. Guarded by the lock of the {@link #owner}. */
  @Nullable CallbackStay stay;

  /** A former stay, to be used again. Guarded by the lock of the {@link #owner}. */
  private @Nullable CallbackStay spare;

  /** Whose lock: who told it last that it is cancelled. Volatile: different loops may write it. */
  volatile @Nullable Object told;

  /**
   * Creates a task that is named after its function.
   *
   * @param function what it does
   */
  public CallbackTask(CallbackFunction function) {
    this(Names.of(requireNonNull(function, "function")), function);
  }

  /**
   * Creates a task.
   *
   * @param name what messages call it
   * @param function what it does
   */
  public CallbackTask(String name, CallbackFunction function) {
    this.name = requireNonNull(name, "name");
    this.function = requireNonNull(function, "function");
  }

  /**
   * The name.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Whether its function is going to be called.
   *
   * @return false before a post, and from the call of the function, or the cancel, on
   */
  public boolean isPosted() {
    return owner != null;
  }

  @Override
  public String toString() {
    return name;
  }

  // ------------------------------------------------------------------ under the owner's lock

  /** Makes a dispatcher the owner, or returns the one that is in the way. */
  @Nullable CallbackEngine claim(CallbackEngine some) {
    CallbackEngine found = (CallbackEngine) OWNER.compareAndExchange(this, null, some);
    return found == some ? null : found;
  }

  boolean isOwnedBy(CallbackEngine some) {
    return owner == some;
  }

  /** A stay that is not in use, on the owner. */
  CallbackStay unusedStay(CallbackEngine some) {
    CallbackStay s = spare;
    return s != null && s.isUnusedOn(some) ? s : new CallbackStay(some, this);
  }

  void left(CallbackStay former) {
    stay = null;
    spare = former;
  }

  void disown() {
    owner = null;
  }
}
