/** What is going on in a dispatcher, for people. */
@NullMarked
package dev.reveille.diagnostics;

import org.jspecify.annotations.NullMarked;
