package dev.reveille.benchmarks.chain;

import java.util.Arrays;

/** Answers each question in a later turn, on the same thread; allocates nothing for it. */
final class Later {
  private int[] keys = new int[16];
  private Answer[] answers = new Answer[16];
  private int asked;
  private int[] oldKeys = new int[16];
  private Answer[] oldAnswers = new Answer[16];

  void ask(int key, Answer answer) {
    if (asked == keys.length) {
      keys = Arrays.copyOf(keys, 2 * asked);
      answers = Arrays.copyOf(answers, 2 * asked);
    }
    keys[asked] = key;
    answers[asked++] = answer;
  }

  /** What is asked meanwhile is answered the next time. Returns whether there was a question. */
  boolean answerAll() {
    int count = asked;
    int[] k = keys;
    Answer[] a = answers;
    keys = oldKeys;
    answers = oldAnswers;
    oldKeys = k;
    oldAnswers = a;
    asked = 0;
    for (int i = 0; i < count; i++) {
      a[i].answered(Item.of(k[i] + 1));
    }
    return count > 0;
  }
}
