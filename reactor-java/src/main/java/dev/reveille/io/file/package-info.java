/**
 * Files, by way of {@link java.nio.channels.AsynchronousFileChannel}.
 *
 * <p>{@link dev.reveille.io.file.AsyncFile} reads, writes, forces and locks, and gives sources and
 * sinks of bytes for what speaks to those; {@link dev.reveille.io.file.Copy} is for the long way.
 * The threads that block are the caller's.
 */
@NullMarked
package dev.reveille.io.file;

import org.jspecify.annotations.NullMarked;
