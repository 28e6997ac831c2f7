package dev.reveille.samples.resp.command;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What the server tells about itself: the options that CONFIG GET shows and the sections of INFO.
 * The parts of the server add theirs; confined to one loop.
 */
public final class ServerInfo {
  /** The Redis whose replies this server gives. */
  public static final String REDIS_VERSION = "7.0.15";

  private final Map<String, String> options = new TreeMap<>();
  private final Map<String, Supplier<Map<String, String>>> sections = new LinkedHashMap<>();

  /** With those options that clients ask for and that are the same for any server of this kind. */
  public ServerInfo() {
    option("appendonly", "yes");
    option("databases", "1");
    option("maxmemory", "0");
    option("save", "");
    option("timeout", "0");
  }

  /** Sets what CONFIG GET shows for {@code name}, which is in lower case. */
  public void option(String name, String value) {
    options.put(name, value);
  }

  /**
   * Adds a section to INFO, or replaces it.
   *
   * @param name as it is shown, for example {@code Persistence}
   * @param fields is asked at each INFO
   */
  public void section(String name, Supplier<Map<String, String>> fields) {
    sections.put(name, fields);
  }

  Map<String, String> options() {
    return Collections.unmodifiableMap(options);
  }

  Map<String, Supplier<Map<String, String>>> sections() {
    return Collections.unmodifiableMap(sections);
  }
}
