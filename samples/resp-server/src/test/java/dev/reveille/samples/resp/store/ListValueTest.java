package dev.reveille.samples.resp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ListValueTest {
  @Test
  void itHoldsWhatAnArrayListWouldHold() {
    Random random = new Random(7);
    ListValue list = new ListValue();
    List<byte[]> model = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      boolean left = random.nextBoolean();
      ListEnd end = left ? ListEnd.LEFT : ListEnd.RIGHT;
      // Grows for a while, then shrinks, so that the ring is resized both ways.
      if (random.nextInt(10) < (step / 2000 % 2 == 0 ? 6 : 4)) {
        byte[] element = {(byte) step};
        list.push(end, element);
        model.add(left ? 0 : model.size(), element);
      } else if (!model.isEmpty()) {
        assertThat(list.pop(end)).isSameAs(model.remove(left ? 0 : model.size() - 1));
      }
      assertThat(list.size()).isEqualTo(model.size());
      if (step % 100 == 0) {
        for (int i = 0; i < model.size(); i++) {
          assertThat(list.get(i)).isSameAs(model.get(i));
        }
      }
    }
  }

  @Test
  void anEmptyListHasNothingToPop() {
    assertThatThrownBy(() -> new ListValue().pop(ListEnd.RIGHT))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
