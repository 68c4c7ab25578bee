/** For tests: parses PowerShell. There is no PowerShell here to run it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Language, type Node, Parser } from 'web-tree-sitter';

let parser: Promise<Parser> | undefined;

async function open(): Promise<Parser> {
  await Parser.init();
  const folder = path.dirname(require.resolve('tree-sitter-powershell/package.json'));
  const opened = new Parser();
  opened.setLanguage(await Language.load(readFileSync(path.join(folder, 'tree-sitter-powershell.wasm'))));
  return opened;
}

/** The syntax tree. @throws Error naming the first line that is not PowerShell */
export async function parsePowershell(script: string): Promise<Node> {
  parser ??= open();
  const tree = (await parser).parse(script);
  if (!tree) throw new Error('nothing was parsed');
  if (tree.rootNode.hasError) {
    const line = firstError(tree.rootNode)?.startPosition.row ?? 0;
    throw new Error(`not PowerShell at line ${line + 1}: ${script.split('\n')[line] ?? ''}`);
  }
  return tree.rootNode;
}

function firstError(node: Node): Node | undefined {
  if (node.isError || node.isMissing) return node;
  for (const child of node.children) {
    const found = child ? firstError(child) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** The types of all nodes in order: the structure of a script, whatever its literals contain. */
export function shapeOf(node: Node): string[] {
  return [node.type, ...node.children.flatMap((child) => (child ? shapeOf(child) : []))];
}

/** The values of literals in single quotes. */
export function literalsOf(node: Node): string[] {
  if (node.type === 'verbatim_string_characters') return [node.text.slice(1, -1).replaceAll("''", "'")];
  return node.children.flatMap((child) => (child ? literalsOf(child) : []));
}
