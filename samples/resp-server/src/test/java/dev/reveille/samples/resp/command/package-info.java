/** What the commands answer, do and report, sentence by sentence, and as Redis itself answered. */
@NullMarked
package dev.reveille.samples.resp.command;

import org.jspecify.annotations.NullMarked;
