package dev.reveille.check;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TypeCastTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Types;
import javax.tools.Diagnostic;
import org.jspecify.annotations.Nullable;

/** Looks through the analysed trees of one class: see {@link ReveillePlugin}. */
final class CaptureScanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
  private static final String SUPPRESSION = "PollableCapture";

  /** What has a {@code cancel()} that its owner has to call. */
  private static final List<String> OWNED =
      List.of("dev.reveille.Pollable", "dev.reveille.sync.PollStream");

  private final Trees trees;
  private final Types types;
  private final List<TypeMirror> owned;

  private CaptureScanner(Trees trees, Types types, List<TypeMirror> owned) {
    this.trees = trees;
    this.types = types;
    this.owned = owned;
  }

  static void scan(JavacTask task, CompilationUnitTree unit, @Nullable TypeElement type) {
    List<TypeMirror> owned = new ArrayList<>();
    for (String name : OWNED) {
      TypeElement element = task.getElements().getTypeElement(name);
      if (element != null) {
        owned.add(task.getTypes().erasure(element.asType()));
      }
    }
    Trees trees = Trees.instance(task);
    TreePath path = type == null ? null : trees.getPath(type);
    if (!owned.isEmpty() && path != null && path.getCompilationUnit() == unit) {
      new CaptureScanner(trees, task.getTypes(), owned).scan(path, null);
    }
  }

  @Override
  public @Nullable Void visitLambdaExpression(LambdaExpressionTree lambda, @Nullable Void unused) {
    if (isOwned(trees.getTypeMirror(getCurrentPath())) && !isBodyOfOwning()) {
      for (Element captured : captured()) {
        warn(lambda, "captures '" + captured.getSimpleName() + "'");
      }
    }
    return super.visitLambdaExpression(lambda, null);
  }

  @Override
  public @Nullable Void visitMemberReference(MemberReferenceTree reference, @Nullable Void unused) {
    TreePath receiver = new TreePath(getCurrentPath(), reference.getQualifierExpression());
    Element element = trees.getElement(receiver);
    boolean bound = element == null || !(element instanceof TypeElement);
    if (bound
        && isOwned(trees.getTypeMirror(getCurrentPath()))
        && isOwned(trees.getTypeMirror(receiver))
        && !isBodyOfOwning()) {
      warn(reference, "is bound to '" + reference.getQualifierExpression() + "'");
    }
    return super.visitMemberReference(reference, null);
  }

  private boolean isOwned(@Nullable TypeMirror type) {
    if (type == null
        || (type.getKind() != TypeKind.DECLARED && type.getKind() != TypeKind.TYPEVAR)) {
      return false;
    }
    TypeMirror erased = types.erasure(type);
    return owned.stream().anyMatch(each -> types.isSubtype(erased, each));
  }

  /** Whether the current expression is an argument of {@code Pollable.owning}. */
  private boolean isBodyOfOwning() {
    TreePath parent = getCurrentPath().getParentPath();
    while (parent.getLeaf() instanceof ParenthesizedTree
        || parent.getLeaf() instanceof TypeCastTree) {
      parent = parent.getParentPath();
    }
    if (!(parent.getLeaf() instanceof MethodInvocationTree call)) {
      return false;
    }
    Element method = trees.getElement(new TreePath(parent, call.getMethodSelect()));
    if (method == null) {
      return false;
    }
    Element type = method.getEnclosingElement();
    return type != null && method.getSimpleName().contentEquals("owning") && isOwned(type.asType());
  }

  /**
   * The local variables and parameters from outside the current lambda that are owned, each once.
   */
  private Set<Element> captured() {
    Set<Element> declared = new HashSet<>();
    Set<Element> used = new LinkedHashSet<>();
    new TreePathScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitVariable(VariableTree variable, @Nullable Void unused) {
        declared.add(trees.getElement(getCurrentPath()));
        return super.visitVariable(variable, null);
      }

      @Override
      public @Nullable Void visitIdentifier(IdentifierTree identifier, @Nullable Void unused) {
        Element element = trees.getElement(getCurrentPath());
        if (element != null && isLocal(element) && isOwned(element.asType())) {
          used.add(element);
        }
        return super.visitIdentifier(identifier, null);
      }
    }.scan(getCurrentPath(), null);
    used.removeAll(declared);
    return used;
  }

  private static boolean isLocal(Element element) {
    return switch (element.getKind()) {
      case LOCAL_VARIABLE, PARAMETER, RESOURCE_VARIABLE, BINDING_VARIABLE -> true;
      default -> false;
    };
  }

  private void warn(Tree tree, String what) {
    if (isSuppressed()) {
      return;
    }
    trees.printMessage(
        Diagnostic.Kind.WARNING,
        "["
            + SUPPRESSION
            + "] this Pollable "
            + what
            + ", whose cancel() it would not forward; write Pollable.owning(List.of(...), ...), or"
            + " @SuppressWarnings(\""
            + SUPPRESSION
            + "\") if somebody else owns it",
        tree,
        getCurrentPath().getCompilationUnit());
  }

  private boolean isSuppressed() {
    for (TreePath path = getCurrentPath(); path != null; path = path.getParentPath()) {
      Element element =
          path.getLeaf() instanceof VariableTree || isDeclaration(path.getLeaf())
              ? trees.getElement(path)
              : null;
      SuppressWarnings suppressed =
          element == null ? null : element.getAnnotation(SuppressWarnings.class);
      if (suppressed != null && Set.of(suppressed.value()).contains(SUPPRESSION)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isDeclaration(Tree tree) {
    return switch (tree.getKind()) {
      case METHOD, CLASS, INTERFACE, ENUM, RECORD -> true;
      default -> false;
    };
  }
}
