import org.jspecify.annotations.NullMarked;

/** Coroutines on the loop, poll tasks in coroutines, and coroutines as poll tasks. */
@NullMarked
module dev.reveille.kotlin {
  requires transitive dev.reveille;
  requires transitive kotlin.stdlib;
  requires transitive kotlinx.coroutines.core;
  requires static transitive kotlinx.coroutines.test;

  exports dev.reveille.kotlin;
  exports dev.reveille.kotlin.test;
}
