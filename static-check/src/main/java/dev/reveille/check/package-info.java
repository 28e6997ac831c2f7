/** What javac can find out about a program that uses Reveille: see {@link ReveillePlugin}. */
@NullMarked
package dev.reveille.check;

import org.jspecify.annotations.NullMarked;
