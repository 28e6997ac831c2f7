package dev.reveille.benchmarks.pingpong;

/** What is handed to and fro: always the same object. */
final class Ball {
  /** Changed by whoever has the ball. */
  long spin;
}
