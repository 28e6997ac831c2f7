package dev.reveille.samples.resp.command;

import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.ListEnd;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A BLPOP or BRPOP, understood.
 *
 * @param keys the lists to pop from, in order of preference
 * @param end the end to pop from
 * @param timeoutMillis how long to wait at most; 0 means without end
 */
public record BlockingPop(List<Key> keys, ListEnd end, long timeoutMillis) {
  private static final BigDecimal LONGEST = BigDecimal.valueOf(Long.MAX_VALUE);

  /** The length keeps a hostile number from costing time. */
  private static final Pattern SECONDS =
      Pattern.compile("(?=.{1,64}$)[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,5})?");

  private static final Pattern INFINITY =
      Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);

  /** Keeps its own copy of the keys. */
  public BlockingPop {
    keys = List.copyOf(keys);
  }

  /**
   * Reads the arguments of a request that the command table has let through.
   *
   * @param now milliseconds of the wall, for the check that the wait has an end that can be told
   * @throws CommandError if the time-out is none
   */
  public static BlockingPop parse(Request request, long now) throws CommandError {
    List<Key> keys = new ArrayList<>();
    for (int i = 1; i < request.size() - 1; i++) {
      keys.add(Key.of(request.argument(i)));
    }
    ListEnd end = request.name().equals("blpop") ? ListEnd.LEFT : ListEnd.RIGHT;
    return new BlockingPop(keys, end, timeout(request.text(request.size() - 1), now));
  }

  private static long timeout(String text, long now) throws CommandError {
    if (INFINITY.matcher(text).matches()) {
      throw new CommandError(
          text.startsWith("-") ? "ERR timeout is negative" : "ERR timeout is out of range");
    }
    if (!SECONDS.matcher(text).matches()) {
      throw new CommandError("ERR timeout is not a float or out of range");
    }
    BigDecimal millis = new BigDecimal(text).movePointRight(3);
    if (millis.compareTo(LONGEST) > 0) {
      throw new CommandError("ERR timeout is out of range");
    }
    if (millis.compareTo(BigDecimal.ONE.negate()) <= 0) {
      throw new CommandError("ERR timeout is negative");
    }
    if (millis.signum() <= 0) {
      return 0;
    }
    // Rounded up: a wait that is asked for is never "without end".
    long rounded =
        millis.compareTo(BigDecimal.ONE) <= 0
            ? 1
            : millis.setScale(0, RoundingMode.CEILING).longValueExact();
    if (rounded > Long.MAX_VALUE - now) {
      throw new CommandError("ERR timeout is out of range");
    }
    return rounded;
  }
}
