package dev.reveille.benchmarks;

/** What {@link ProcessCase} starts: it "measures" what it is told. */
final class SmallProgram {
  private SmallProgram() {}

  public static void main(String[] args) {
    int number = Integer.parseInt(args[1]);
    System.out.println("something else");
    switch (args[0]) {
      case "reveille" ->
          System.out.println("time=" + number * Integer.getInteger("twice") + " bytes=40.5");
      case "floor" -> System.out.println("time=" + number + " bytes=NaN");
      default -> {} // not on this machine
    }
  }
}
