package dev.reveille.samples.resp.command;

import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.store.Keyspace;

/**
 * Which deadlines an EXPIRE may replace: {@code [NX|XX|GT|LT]}, where XX goes with GT or LT too.
 *
 * @param nx only none
 * @param xx only one that is there
 * @param gt only an earlier one
 * @param lt only a later one, or none
 */
record ExpireCondition(boolean nx, boolean xx, boolean gt, boolean lt) {

  static ExpireCondition parse(Request request) throws CommandError {
    boolean nx = false;
    boolean xx = false;
    boolean gt = false;
    boolean lt = false;
    for (int i = 3; i < request.size(); i++) {
      if (request.is(i, "NX")) {
        nx = true;
      } else if (request.is(i, "XX")) {
        xx = true;
      } else if (request.is(i, "GT")) {
        gt = true;
      } else if (request.is(i, "LT")) {
        lt = true;
      } else {
        throw new CommandError("ERR Unsupported option " + request.text(i));
      }
    }
    if (nx && (xx || gt || lt)) {
      throw new CommandError("ERR NX and XX, GT or LT options at the same time are not compatible");
    }
    if (gt && lt) {
      throw new CommandError("ERR GT and LT options at the same time are not compatible");
    }
    return new ExpireCondition(nx, xx, gt, lt);
  }

  boolean allows(long current, long wanted) {
    boolean none = current == Keyspace.NEVER;
    return !(nx && !none)
        && !(xx && none)
        && !(gt && (none || wanted <= current))
        && !(lt && !none && wanted >= current);
  }
}
