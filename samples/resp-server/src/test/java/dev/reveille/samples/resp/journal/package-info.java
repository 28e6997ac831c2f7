/** The journal on real files, and on a file that writes little, fails, dawdles and calls early. */
@NullMarked
package dev.reveille.samples.resp.journal;

import org.jspecify.annotations.NullMarked;
