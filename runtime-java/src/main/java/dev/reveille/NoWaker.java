package dev.reveille;

/** {@link Waker#none()}. */
enum NoWaker implements Waker {
  NONE;

  @Override
  public void wake() {}
}
