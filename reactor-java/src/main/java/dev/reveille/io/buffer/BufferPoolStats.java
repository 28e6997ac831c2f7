package dev.reveille.io.buffer;

/**
 * The numbers of a {@link BufferPool} at one moment.
 *
 * @param inUse buffers that leases hold; asked for off the loop, also those on their way back
 * @param idle buffers that lie in the pool
 * @param highWater the largest number in use so far
 * @param overflows how often {@code acquireOrAllocate} had to allocate, modulo 2^32
 * @param leaks leases that became garbage while they held a buffer; 0 without leak reports
 */
public record BufferPoolStats(int inUse, int idle, int highWater, int overflows, int leaks) {}
