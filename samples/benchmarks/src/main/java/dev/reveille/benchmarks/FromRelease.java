package dev.reveille.benchmarks;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The first release of the JDK that has what a benchmark method measures: {@link Compare} asks. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface FromRelease {
  /** Its number. */
  int value();
}
