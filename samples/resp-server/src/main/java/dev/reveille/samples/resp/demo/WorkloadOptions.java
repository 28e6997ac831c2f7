package dev.reveille.samples.resp.demo;

import java.time.Duration;

/**
 * What a workload is to do.
 *
 * @param host where the server is
 * @param port where the server is
 * @param duration how long to go on; finishing what was begun comes on top
 * @param modelClients how many clients send plain commands, each checked against a model; as many
 *     again send them in pipelines
 * @param seed decides what they send
 */
public record WorkloadOptions(
    String host, int port, Duration duration, int modelClients, long seed) {

  /** Five seconds with two clients of each kind that has a number. */
  public static WorkloadOptions on(String host, int port) {
    return new WorkloadOptions(host, port, Duration.ofSeconds(5), 2, 1);
  }

  /** The same for another time. */
  public WorkloadOptions lasting(Duration time) {
    return new WorkloadOptions(host, port, time, modelClients, seed);
  }
}
