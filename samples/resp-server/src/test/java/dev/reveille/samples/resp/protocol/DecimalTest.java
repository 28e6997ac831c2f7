package dev.reveille.samples.resp.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTest {
  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        -1,
        10,
        -10,
        1_000_000_007,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 1
      })
  void whatALongPrintsIsRead(long number) {
    assertThat(parse(Long.toString(number))).hasValue(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "01",
        "-01",
        "-0",
        "00",
        "--1",
        "1-",
        "0x1",
        "1.0",
        "1e3",
        "9223372036854775808",
        "-9223372036854775809",
        "92233720368547758070",
        "18446744073709551616",
        "99999999999999999999999999"
      })
  void whatNoLongPrintsIsRefused(String text) {
    assertThat(parse(text)).isEmpty();
  }

  private static OptionalLong parse(String text) {
    return Decimal.parse(text.getBytes(StandardCharsets.US_ASCII));
  }
}
