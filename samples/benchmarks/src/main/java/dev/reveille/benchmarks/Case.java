package dev.reveille.benchmarks;

import java.io.IOException;
import java.util.Map;

/** One question, which all competitors answer side by side. */
public interface Case {
  /** The competitor that is ours. */
  String REVEILLE = "reveille";

  /** The competitor that does only the work in question. */
  String FLOOR = "floor";

  /** Within its family. */
  String name();

  /** What is to be reached. */
  Target target();

  /**
   * Measures all competitors once, each in a process of its own, in turns.
   *
   * @param effort how long
   * @param round counted from 0, for whoever wants to rotate the order
   * @return by the competitor's name. One that this machine or JDK can not run is left out
   * @throws IOException if a process can not be started, or ours fails
   */
  Map<String, Measurement> round(Effort effort, int round) throws IOException;
}
