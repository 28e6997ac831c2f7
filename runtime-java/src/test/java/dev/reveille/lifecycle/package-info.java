/**
 * The lifecycle of a task, whole: every end, at every moment, joined or not, brought about from
 * everywhere, in every state of its dispatcher. {@link dev.reveille.lifecycle.Cell} is one case,
 * {@link dev.reveille.lifecycle.Oracle} says from DESIGN 3.2 and 3.5 what has to come of it, and
 * {@link dev.reveille.lifecycle.Play} plays it.
 */
@NullMarked
package dev.reveille.lifecycle;

import org.jspecify.annotations.NullMarked;
