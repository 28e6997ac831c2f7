/**
 * The reactor among hostile peers: who reset, vanish, drip, flood, never read; and the accounts
 * which show that nothing of it leaks.
 */
package dev.reveille.io.hostile;
