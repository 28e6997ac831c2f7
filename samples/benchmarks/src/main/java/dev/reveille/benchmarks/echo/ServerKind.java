package dev.reveille.benchmarks.echo;

import java.util.Arrays;
import java.util.List;

/** Who is compared. */
enum ServerKind {
  REVEILLE("reveille", ReveilleServer.class, 0),
  /** Another build of Reveille, to tell what a change has brought: see {@link Settings}. */
  BEFORE("reveille-before", ReveilleServer.class, 0),
  FLOOR("floor", SelectorServer.class, 0),
  NETTY("netty-nio", NettyServer.class, 0),
  VIRTUAL("virtual-threads", VirtualThreadServer.class, VirtualThreadServer.FIRST_RELEASE);

  final String label;
  final Class<?> mainClass;
  private final int firstRelease;

  ServerKind(String label, Class<?> mainClass, int firstRelease) {
    this.label = label;
    this.mainClass = mainClass;
    this.firstRelease = firstRelease;
  }

  /** A peer, as opposed to ourselves and the floor. */
  boolean isPeer() {
    return this == NETTY || this == VIRTUAL;
  }

  /** Those that this JDK can run, of this build. */
  static List<ServerKind> competitors() {
    int release = Runtime.version().feature();
    return Arrays.stream(values())
        .filter(kind -> kind.firstRelease <= release && kind != BEFORE)
        .toList();
  }

  static ServerKind of(String label) {
    return competitors().stream()
        .filter(kind -> kind.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no server '%s'; this JDK runs %s"
                        .formatted(
                            label, competitors().stream().map(kind -> kind.label).toList())));
  }
}
