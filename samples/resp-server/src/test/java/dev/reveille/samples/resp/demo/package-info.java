/** The clients of the demo find what is wrong, and find nothing where nothing is. */
@NullMarked
package dev.reveille.samples.resp.demo;

import org.jspecify.annotations.NullMarked;
