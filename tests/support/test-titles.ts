/** For tests: the titles of tests, read from their source text without running them. */
import * as ts from 'typescript';

const TITLED = ['describe', 'it', 'test'];

/** The titles of `describe`, `it` and `test` in a source text, `.each` and other variants included. */
export function testTitles(source: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTitled(node.expression)) {
      const title = node.arguments[0] && textOf(node.arguments[0]);
      if (title !== undefined) titles.push(title);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('titles.ts', source, ts.ScriptTarget.Latest));
  return titles;
}

/** `it`, `it.only`, `it.each(rows)` and it.each`rows`, but not `it.each` itself, which is called with rows. */
function isTitled(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return TITLED.includes(callee.text);
  if (ts.isPropertyAccessExpression(callee))
    return callee.name.text !== 'each' && isTitled(callee.expression);
  const each = ts.isCallExpression(callee)
    ? callee.expression
    : ts.isTaggedTemplateExpression(callee)
      ? callee.tag
      : undefined;
  return (
    each !== undefined &&
    ts.isPropertyAccessExpression(each) &&
    each.name.text === 'each' &&
    isTitled(each.expression)
  );
}

/** The text of a literal; of a template, what stands between its expressions. */
function textOf(argument: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(argument)) return argument.text;
  if (!ts.isTemplateExpression(argument)) return undefined;
  return [argument.head.text, ...argument.templateSpans.map(({ literal }) => literal.text)].join('…');
}
