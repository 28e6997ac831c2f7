package dev.reveille.samples.resp.protocol;

/**
 * How much one request may hold. What goes over a limit is a {@link ProtocolException}.
 *
 * @param maxLineBytes longest inline command, and longest {@code *} or {@code $} line
 * @param maxArguments most arguments of one request, the command's name included
 * @param maxBulkBytes longest single argument
 * @param maxRequestBytes most bytes of all arguments of one request together
 */
public record RequestLimits(
    int maxLineBytes, int maxArguments, int maxBulkBytes, long maxRequestBytes) {

  /**
   * Redis' defaults: 64 KiB lines ({@code PROTO_INLINE_MAX_SIZE}), 512 MiB bulks ({@code
   * proto-max-bulk-len}) and 1 GiB requests ({@code client-query-buffer-limit}); 1 Mi arguments,
   * which was Redis' limit up to version 6.
   */
  public static final RequestLimits DEFAULTS =
      new RequestLimits(64 * 1024, 1024 * 1024, 512 * 1024 * 1024, 1024L * 1024 * 1024);

  /** Refuses limits under which not even {@code PING} could be sent. */
  public RequestLimits {
    if (maxLineBytes < 16 || maxArguments < 1 || maxBulkBytes < 16 || maxRequestBytes < 16) {
      throw new IllegalArgumentException("limits too small to serve any request");
    }
  }
}
