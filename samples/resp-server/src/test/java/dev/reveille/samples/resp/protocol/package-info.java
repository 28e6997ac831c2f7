/** The wire in pieces of any size, and replies to peers of any appetite. */
@NullMarked
package dev.reveille.samples.resp.protocol;

import org.jspecify.annotations.NullMarked;
