package dev.reveille.io.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A process full of connections that say nothing: see {@link IdleConnectionsTest}. It is told what
 * to do on its standard input, and answers each line with one on its standard output.
 */
final class IdleClients {
  private final List<Peer> peers = new ArrayList<>();
  private final InetSocketAddress server;

  private IdleClients(int port) {
    server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  public static void main(String[] args) throws IOException {
    IdleClients clients = new IdleClients(Integer.parseInt(args[0]));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      System.out.println(clients.answer(words[0], Integer.parseInt(words[1])));
    }
  }

  private String answer(String command, int n) throws IOException {
    switch (command) {
      case "connect":
        for (int i = 0; i < n; i++) {
          peers.add(Peer.connect(server));
          if (i % 32 == 31) {
            ask(
                peers.get(peers.size() - 1),
                (byte) i); // it is accepted, and so are those before it: the backlog is empty
          }
        }
        return "connected " + peers.size();
      case "talk": // one of them, so often
        for (int i = 0; i < n; i++) {
          ask(peers.get(peers.size() / 2), (byte) i);
        }
        return "talked " + n;
      case "all": // all of them, at once
        for (Peer each : peers) {
          each.send((byte) 1);
        }
        for (Peer each : peers) {
          each.receive();
        }
        return "all " + n;
      case "leave": // by RST, which leaves no TIME_WAIT
        for (Peer each : peers) {
          each.close();
        }
        return "left " + peers.size();
      default:
        return "what is " + command + "?";
    }
  }

  private static void ask(Peer peer, byte question) throws IOException {
    peer.send(question);
    int answer = peer.receive();
    if (answer != (question & 0xff)) {
      throw new IOException("asked for " + question + ", answered with " + answer);
    }
  }
}
