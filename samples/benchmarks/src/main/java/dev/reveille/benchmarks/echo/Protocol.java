package dev.reveille.benchmarks.echo;

/** What servers, client and comparison agree on. */
final class Protocol {
  /** Bytes of a request, and of its echo. */
  static final int REQUEST_SIZE = 64;

  /** Bytes of the buffer that a server has for a connection: the deepest pipeline fits in. */
  static final int BUFFER_SIZE = 4096;

  private Protocol() {}
}
