/**
 * An echo server on loopback, four times: on Reveille, on a hand-written selector loop (the floor),
 * on Netty and on virtual threads. One client, which uses none of them, drives all four in turn,
 * and what is compared is the CPU time that the server spends on a request. Not JMH: the servers
 * and the client are processes of their own. {@link dev.reveille.benchmarks.echo.EchoComparison}
 * starts them.
 */
@NullMarked
package dev.reveille.benchmarks.echo;

import org.jspecify.annotations.NullMarked;
