package dev.reveille.samples.resp.server;

import dev.reveille.samples.resp.journal.FsyncPolicy;
import java.net.SocketAddress;
import java.nio.file.Path;

/**
 * What a server is told at its start.
 *
 * @param address where to listen; port 0 lets the system choose
 * @param journal the file of the journal
 * @param fsync when changes are forced to the disk
 * @param limits what a client may cost
 */
public record ServerOptions(
    SocketAddress address, Path journal, FsyncPolicy fsync, ConnectionLimits limits) {}
