package dev.reveille.samples.resp.journal;

/**
 * What was found when a journal was opened.
 *
 * @param records how many good records there were
 * @param bytes how long the file is with these records only
 * @param truncatedBytes how much was cut off behind them: the part of a record that was being
 *     written when the process or the machine died; 0 if it ended well
 */
public record ReplayResult(long records, long bytes, long truncatedBytes) {}
