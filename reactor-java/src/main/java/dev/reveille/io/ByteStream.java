package dev.reveille.io;

/**
 * Bytes both ways: a connection, or what wraps one. One task reads and one writes at a time; they
 * may be the same.
 *
 * <p>Who speaks a protocol needs no more than this, and then speaks it over TCP, TLS and
 * Unix-domain sockets alike:
 *
 * <pre>{@code
 * static Pollable<Integer> ask(ByteStream stream, ByteBuffer question, ByteBuffer answer) {
 *   return Pollables.then(stream.write(question), sent -> stream.read(answer));
 * }
 * }</pre>
 */
public interface ByteStream extends ByteSource, ByteSink {

  @Override
  boolean isOpen();

  @Override
  void close();
}
