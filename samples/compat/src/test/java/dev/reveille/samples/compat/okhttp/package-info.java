/**
 * OkHttp against its own MockWebServer: calls that are cancelled, refused, late, or answered by a
 * callback that throws.
 */
@NullMarked
package dev.reveille.samples.compat.okhttp;

import org.jspecify.annotations.NullMarked;
