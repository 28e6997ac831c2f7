package dev.reveille.sync;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import org.junit.jupiter.api.AfterEach;

/** Tests whose tasks share one loop, which the test drives. */
abstract class OnOneLoop {
  final Rig rig = new Rig(BasicDispatcher::new);
  final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  final void closeTheRig() throws Exception {
    rig.close();
  }

  final Actor actor(String name) {
    return new Actor(loop, name);
  }
}
