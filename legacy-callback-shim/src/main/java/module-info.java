import org.jspecify.annotations.NullMarked;

/** Legacy callback APIs on the loop, and the loop behind legacy callback APIs. */
@NullMarked
module dev.reveille.callbacks {
  requires transitive dev.reveille;

  exports dev.reveille.callbacks;
}
