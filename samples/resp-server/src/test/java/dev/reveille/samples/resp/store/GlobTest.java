package dev.reveille.samples.resp.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What single patterns find is compared with Redis in RedisTranscriptTest. */
class GlobTest {
  @Test
  void aPatternMadeToTakeLongIsDecidedAtOnce() {
    String text = "a".repeat(10_000);

    assertThat(matches("*a".repeat(500) + "b", text)).isFalse();
  }

  @Test
  void theLastStarAloneDecidesWhatTryingAllStarsWould() {
    Random random = new Random(3);
    for (int round = 0; round < 20_000; round++) {
      String pattern = word(random, "ab*?", 8);
      String text = word(random, "ab", 10);

      assertThat(matches(pattern, text))
          .as("%s on %s", pattern, text)
          .isEqualTo(text.matches(pattern.replace("*", ".*").replace("?", ".")));
    }
  }

  private static String word(Random random, String letters, int longest) {
    StringBuilder word = new StringBuilder();
    random
        .ints(random.nextInt(longest + 1), 0, letters.length())
        .forEach(i -> word.append(letters.charAt(i)));
    return word.toString();
  }

  private static boolean matches(String pattern, String text) {
    return new Glob(pattern.getBytes(ISO_8859_1)).matches(text.getBytes(ISO_8859_1));
  }
}
