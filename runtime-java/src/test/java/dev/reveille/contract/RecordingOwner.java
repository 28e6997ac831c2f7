package dev.reveille.contract;

import dev.reveille.BlockOwner;
import java.util.ArrayList;
import java.util.List;

/** An adapter that remembers what it got back. */
final class RecordingOwner extends BlockOwner {
  final List<Runnable> givenBack = new ArrayList<>();

  RecordingOwner() {
    super("test block");
  }

  @Override
  protected void giveBack(Runnable block) {
    givenBack.add(block);
  }
}
