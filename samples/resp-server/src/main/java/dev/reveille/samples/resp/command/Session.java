package dev.reveille.samples.resp.command;

/** What the server remembers about one client, apart from its socket. */
public final class Session {
  private final long id;
  private final String address;
  private final String localAddress;
  private final long connectedAt;

  private String name = "";
  private String libraryName = "";
  private String libraryVersion = "";
  private String lastCommand = "NULL";
  private long lastActiveAt;
  private int subscriptions;

  Session(long id, String address, String localAddress, long now) {
    this.id = id;
    this.address = address;
    this.localAddress = localAddress;
    this.connectedAt = now;
    this.lastActiveAt = now;
  }

  /** A number that no other client of this server has or had. */
  public long id() {
    return id;
  }

  /** The peer's address as {@code host:port}. */
  public String address() {
    return address;
  }

  /** What the client called itself, or an empty string. */
  public String name() {
    return name;
  }

  /** How many channels the client is subscribed to. */
  public int subscriptions() {
    return subscriptions;
  }

  /**
   * Tells how many channels the client is subscribed to. As long as it is more than none, the
   * executor lets only the few commands through that such a client may send.
   */
  public void subscriptions(int count) {
    subscriptions = count;
  }

  void name(String newName) {
    name = newName;
  }

  void libraryName(String newName) {
    libraryName = newName;
  }

  void libraryVersion(String newVersion) {
    libraryVersion = newVersion;
  }

  void used(Command command, long now) {
    lastCommand = command.name();
    lastActiveAt = now;
  }

  /** The client's line in CLIENT LIST, without its end. */
  String describe(long now) {
    return "id="
        + id
        + " addr="
        + address
        + " laddr="
        + localAddress
        + " name="
        + name
        + " age="
        + (now - connectedAt) / 1000
        + " idle="
        + (now - lastActiveAt) / 1000
        + " flags="
        + (subscriptions > 0 ? "P" : "N")
        + " db=0 sub="
        + subscriptions
        + " psub=0 ssub=0 multi=-1 cmd="
        + lastCommand
        + " user=default lib-name="
        + libraryName
        + " lib-ver="
        + libraryVersion
        + " resp=2";
  }
}
