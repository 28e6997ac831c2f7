@NullMarked
package dev.reveille.samples.quickstart;

import org.jspecify.annotations.NullMarked;
