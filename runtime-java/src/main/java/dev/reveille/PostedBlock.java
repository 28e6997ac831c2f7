package dev.reveille;

import org.jspecify.annotations.Nullable;

/**
 * A callback or block on its way from a foreign thread: the inbox node that it does not have
 * itself. Fresh for each post, so it can not be in the inbox twice.
 */
final class PostedBlock extends InboxNode {
  private final Runnable block;
  private final BlockOwner.@Nullable Tag tag;

  PostedBlock(Runnable block, BlockOwner.@Nullable Tag tag) {
    this.block = block;
    this.tag = tag;
  }

  @Override
  void drained(Loop loop) {
    loop.enqueue(tag, block);
  }
}
