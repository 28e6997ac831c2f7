package dev.reveille.callback;

/** A stack, kept for a report: where something was done, and by which thread. */
final class Site extends Throwable {
  private static final long serialVersionUID = 1;

  Site(String what) {
    super(what + " by thread '" + Thread.currentThread().getName() + "'");
  }
}
