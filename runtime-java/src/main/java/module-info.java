import org.jspecify.annotations.NullMarked;

/** The poll model, the scheduler and what stands on them. */
@NullMarked
module dev.reveille {
  requires static java.desktop; // only for spi.SwingHost
  requires static transitive org.jspecify;

  exports dev.reveille;
  exports dev.reveille.callback;
  exports dev.reveille.combine;
  exports dev.reveille.diagnostics;
  exports dev.reveille.spi;
  exports dev.reveille.sync;
}
