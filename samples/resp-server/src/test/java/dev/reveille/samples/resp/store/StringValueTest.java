package dev.reveille.samples.resp.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StringValueTest {
  @Test
  void whatWasReadBeforeAnAppendStaysAsItWas() {
    byte[] original = {'a', 'b'};
    StringValue value = new StringValue(original);
    byte[] sent = value.array();
    int length = value.length();

    value.append(new byte[] {'c'});
    byte[] sentAgain = value.array();
    value.append(new byte[] {'d', 'e', 'f'});

    assertThat(sent).isSameAs(original).containsExactly('a', 'b');
    assertThat(length).isEqualTo(2);
    assertThat(sentAgain).startsWith('a', 'b', 'c');
    assertThat(value.bytes()).containsExactly('a', 'b', 'c', 'd', 'e', 'f');
  }
}
