package dev.reveille.samples.resp.demo;

/**
 * A reply that was not the one that the model gives.
 *
 * @param client who got it
 * @param sent what had been sent
 * @param expected what should have come
 * @param received what came
 */
public record Mismatch(String client, String sent, String expected, String received) {
  @Override
  public String toString() {
    return client + " sent " + sent + ": expected " + expected + ", received " + received;
  }
}
