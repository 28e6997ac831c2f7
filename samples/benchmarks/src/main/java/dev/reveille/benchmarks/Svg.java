package dev.reveille.benchmarks;

import static dev.reveille.benchmarks.CaseResult.text;

import java.util.List;

/** A drawing, as text. */
final class Svg {
  private static final List<String> COLOURS =
      List.of(
          "#4e79a7", "#76b7b2", "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#bab0ac", "#86bcb6",
          "#d37295", "#a0cbe8", "#8cd17d", "#f1ce63");

  private final StringBuilder body = new StringBuilder();

  /** Ours and the floor's are the same in every chart. */
  static String colour(String competitor, int index) {
    return switch (competitor) {
      case Case.REVEILLE -> "#e15759";
      case Case.FLOOR -> "#59a14f";
      default -> COLOURS.get(index % COLOURS.size());
    };
  }

  void bar(double x, double y, double width, double height, String colour) {
    body.append(
        text(
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
            x, y, width, height, colour));
  }

  void line(double x1, double y1, double x2, double y2, String colour, double width) {
    body.append(
        text(
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                + " stroke-width=\"%.1f\"/>\n",
            x1, y1, x2, y2, colour, width));
  }

  void dot(double x, double y, String colour) {
    body.append(text("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n", x, y, colour));
  }

  void words(double x, double y, String anchor, String words) {
    body.append(
        text(
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
            x, y, anchor, words.replace("&", "&amp;").replace("<", "&lt;")));
  }

  void heading(double x, double y, String words) {
    body.append(
        text(
            "<text x=\"%.1f\" y=\"%.1f\" font-weight=\"bold\">%s</text>\n",
            x, y, words.replace("&", "&amp;").replace("<", "&lt;")));
  }

  String page(double width, double height) {
    return text(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\""
                + " height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n",
            width, height, width, height)
        + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        + body
        + "</svg>\n";
  }
}
