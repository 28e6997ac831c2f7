import org.jspecify.annotations.NullMarked;

/** The reactor: sockets, files, signals and child processes on the loop. */
@NullMarked
module dev.reveille.io {
  requires static jdk.unsupported; // only for process.Signals: sun.misc.Signal
  requires static transitive org.jspecify;
  requires transitive dev.reveille;

  exports dev.reveille.io.buffer;
  exports dev.reveille.io.file;
  exports dev.reveille.io.framing;
  exports dev.reveille.io.process;
  exports dev.reveille.io;
  exports dev.reveille.io.tls;
}
