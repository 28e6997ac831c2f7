package dev.reveille.samples.resp.store;

/** An end of a list. */
public enum ListEnd {
  /** The head, where LPUSH, LPOP and BLPOP work. */
  LEFT,
  /** The tail, where RPUSH, RPOP and BRPOP work. */
  RIGHT
}
