package dev.reveille;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task as a {@link DispatcherSnapshot} found it.
 *
 * @param number counts the tasks of a dispatcher in the order of acceptance; after 2<sup>48</sup>
 *     tasks it counts from zero again
 * @param name the name
 * @param state what it is doing
 * @param waitReason what the last poll said it waits for; null unless sleeping
 * @param polls how often it was polled; after 2<sup>31</sup> polls it counts from zero again
 * @param age how long it has been on the dispatcher, up to the loop's last look at its clock
 * @param sinceLastPoll how long ago its last poll began, or its post if there was none, likewise
 */
public record TaskSnapshot(
    long number,
    String name,
    State state,
    @Nullable String waitReason,
    int polls,
    Duration age,
    Duration sinceLastPoll) {

  /** What a task is doing. */
  public enum State {
    /** It will be polled. */
    QUEUED,
    /** It is being polled. */
    RUNNING,
    /** It waits for a wake. */
    SLEEPING
  }
}
