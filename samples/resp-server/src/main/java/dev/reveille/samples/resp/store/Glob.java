package dev.reveille.samples.resp.store;

/**
 * Redis' patterns for KEYS and CONFIG GET: {@code *}, {@code ?}, {@code [abc]}, {@code [^a-z]} and
 * a backslash that takes the next byte literally.
 *
 * <p>When something after a star does not fit, only the last star can help by taking one byte more.
 * So matching never takes more than pattern length times text length steps, whatever the pattern.
 */
public final class Glob {
  private final byte[] pattern;

  /** The pattern of these bytes. */
  public Glob(byte[] pattern) {
    this.pattern = pattern;
  }

  /** Whether the whole of {@code text} fits. */
  public boolean matches(byte[] text) {
    int p = 0;
    int t = 0;
    int afterStar = -1;
    int starTakes = 0;
    while (true) {
      while (p < pattern.length && pattern[p] == '*') {
        afterStar = ++p;
        starTakes = t;
      }
      if (p == pattern.length && t == text.length) {
        return true;
      }
      if (p < pattern.length && t < text.length && elementMatches(p, text[t])) {
        p = elementEnd(p);
        t++;
      } else if (afterStar >= 0 && starTakes < text.length) {
        p = afterStar;
        t = ++starTakes;
      } else {
        return false;
      }
    }
  }

  private boolean elementMatches(int p, byte b) {
    return switch (pattern[p]) {
      case '?' -> true;
      case '[' -> classMatches(p + 1, b & 0xff);
      case '\\' -> pattern[Math.min(p + 1, pattern.length - 1)] == b;
      default -> pattern[p] == b;
    };
  }

  private int elementEnd(int p) {
    return switch (pattern[p]) {
      case '[' -> classEnd(p + 1);
      case '\\' -> Math.min(p + 2, pattern.length);
      default -> p + 1;
    };
  }

  private boolean classMatches(int start, int b) {
    int p = start;
    boolean negated = p < pattern.length && pattern[p] == '^';
    if (negated) {
      p++;
    }
    boolean found = false;
    while (p < pattern.length && pattern[p] != ']') {
      if (pattern[p] == '\\' && p + 1 < pattern.length) {
        found |= (pattern[p + 1] & 0xff) == b;
        p += 2;
      } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
        int low = pattern[p] & 0xff;
        int high = pattern[p + 2] & 0xff;
        found |= b >= Math.min(low, high) && b <= Math.max(low, high);
        p += 3;
      } else {
        found |= (pattern[p] & 0xff) == b;
        p++;
      }
    }
    return found != negated;
  }

  /** Behind the bracket that closes the class; one that is never closed ends with the pattern. */
  private int classEnd(int start) {
    int p = start;
    if (p < pattern.length && pattern[p] == '^') {
      p++;
    }
    while (p < pattern.length && pattern[p] != ']') {
      if (pattern[p] == '\\' && p + 1 < pattern.length) {
        p += 2;
      } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
        p += 3;
      } else {
        p++;
      }
    }
    return Math.min(p + 1, pattern.length);
  }
}
