/** Files, by way of {@link java.nio.channels.AsynchronousFileChannel}. */
@NullMarked
package dev.reveille.io.file;

import org.jspecify.annotations.NullMarked;
