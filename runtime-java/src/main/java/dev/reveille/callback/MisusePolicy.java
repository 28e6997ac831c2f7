package dev.reveille.callback;

/**
 * What happens when the legacy side completes what is complete. The first completion counts,
 * whatever the policy.
 *
 * <pre>{@code
 * CallOptions<String> inTests =
 *     CallOptions.<String>defaults().withMisusePolicy(MisusePolicy.THROW);
 * }</pre>
 */
public enum MisusePolicy {

  /**
   * It is counted and logged with both sites (see {@link CallbackDiagnostics}), and the caller is
   * told by {@code false}. The default: an error that is worth knowing, and no reason to break a
   * thread of the legacy side.
   */
  RECORD,

  /** As {@link #RECORD}, and the second completion throws {@link IllegalStateException}. */
  THROW,

  /** It is counted, and the caller is told by {@code false}. For APIs that are known to do it. */
  IGNORE
}
