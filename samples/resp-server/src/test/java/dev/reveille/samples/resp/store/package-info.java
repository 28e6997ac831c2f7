/** Keys that end in time, lists that keep their order, patterns that find what they say. */
@NullMarked
package dev.reveille.samples.resp.store;

import org.jspecify.annotations.NullMarked;
