@NullMarked
package dev.reveille.samples.resp;

import org.jspecify.annotations.NullMarked;
