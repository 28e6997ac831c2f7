import org.jspecify.annotations.NullMarked;

/** A plugin of javac that finds lambdas which cancellation can not get through. */
@NullMarked
module dev.reveille.check {
  requires transitive jdk.compiler;
  requires static org.jspecify;

  exports dev.reveille.check;

  provides com.sun.source.util.Plugin with
      dev.reveille.check.ReveillePlugin;
}
