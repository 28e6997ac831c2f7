package dev.reveille.samples.resp.command;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks a real Redis on this machine for the replies of a {@link Transcript}, and writes them into
 * it. Not a test: run it by hand after adding to the transcript, against an empty Redis.
 */
final class TranscriptRecorder {
  private static final int SILENCE_MILLIS = 300;

  private TranscriptRecorder() {}

  /** Takes the port and the file. */
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    Path file = Path.of(arguments[1]);
    List<String> recorded = new ArrayList<>();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (String line : Files.readAllLines(file)) {
        if (!line.startsWith("< ")) {
          recorded.add(line);
        }
        for (Transcript.Step step : Transcript.parse(List.of(line))) {
          byte[] reply;
          if (step.isRaw()) {
            reply = exchange(port, step.raw());
          } else {
            socket.getOutputStream().write(step.request().encode().array());
            reply = readReply(in);
          }
          recorded.add("< " + Transcript.escape(reply));
        }
      }
    }
    Files.write(file, recorded);
  }

  private static byte[] exchange(int port, byte[] raw) throws IOException {
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(SILENCE_MILLIS);
      socket.getOutputStream().write(raw);
      int b = socket.getInputStream().read();
      while (b >= 0) {
        reply.write(b);
        b = socket.getInputStream().read();
      }
    } catch (SocketTimeoutException silence) {
      // Nothing more to come.
    }
    return reply.toByteArray();
  }

  static byte[] readReply(InputStream in) throws IOException {
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    int left = 1;
    while (left-- > 0) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int b;
      do {
        b = in.read();
        if (b < 0) {
          throw new EOFException("closed after " + reply);
        }
        bytes.write(b);
      } while (b != '\n');
      String line = bytes.toString(StandardCharsets.ISO_8859_1);
      reply.write(bytes.toByteArray());
      int length = line.matches("[$*]\\d+\r\n") ? Integer.parseInt(line.substring(1).strip()) : -1;
      if (line.startsWith("$") && length >= 0) {
        reply.write(in.readNBytes(length + 2));
      } else if (line.startsWith("*") && length > 0) {
        left += length;
      }
    }
    return reply.toByteArray();
  }
}
