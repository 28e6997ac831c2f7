package dev.reveille.samples.resp.store;

/** What a key holds. */
public sealed interface Value permits StringValue, ListValue {
  /** The name that the TYPE command gives. */
  String typeName();
}
