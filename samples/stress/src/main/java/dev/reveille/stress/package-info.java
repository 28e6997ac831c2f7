/**
 * Runs the jcstress tests, and proves that each of them catches something: it breaks the real
 * sources in one place at a time and has the tests find out.
 */
@NullMarked
package dev.reveille.stress;

import org.jspecify.annotations.NullMarked;
