/**
 * What the README shows, a file for each snippet; its tests run them and compare them with the
 * README.
 */
@NullMarked
package dev.reveille.samples.quickstart;

import org.jspecify.annotations.NullMarked;
