/** Where one message ends and the next begins: lines, lengths, delimiters. */
@NullMarked
package dev.reveille.io.framing;

import org.jspecify.annotations.NullMarked;
