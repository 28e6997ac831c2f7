/** TLS over any connection, client and server. */
@NullMarked
package dev.reveille.io.tls;

import org.jspecify.annotations.NullMarked;
