/** For tests: the rules of the product as docs/rules states them. */

export interface Rule {
  /** Such as `RSP-3`. */
  id: string;
  /** Whether a test must hold it: it works, at least in part. */
  isTested: boolean;
}

const ID = '[A-Z]{3,4}-\\d+[a-z]?';
const STATE = /^(works|not yet|partly: .+)$/;
const CELL = /(?<!\\)\|/;

/**
 * The rows of the tables of a page.
 * @throws Error naming a row whose id or state is none
 */
export function readRules(page: string): Rule[] {
  const rows = page.split('\n').filter((line) => line.startsWith('|') && !/^\| *(id|-+) *\|/.test(line));
  return rows.map((row) => {
    const [id = '', rule = '', state = ''] = row
      .slice(1)
      .split(CELL)
      .map((cell) => cell.trim());
    if (!new RegExp(`^${ID}$`).test(id) || rule === '' || !STATE.test(state))
      throw new Error(`not a row of rules: ${row}`);
    return { id, isTested: state !== 'not yet' };
  });
}

/**
 * The ids of rules that a title names: every one whose prefix (`RSP`) rules have, and whatever stands for one at the
 * beginning of the title. `SHA-256` within a title is no rule.
 */
export function ruleIdsOf(title: string, prefixes: ReadonlySet<string>): string[] {
  const leading = new RegExp(`^${ID}(?:(?:, | and )${ID})*(?=:)`).exec(title)?.[0] ?? '';
  const anywhere = title.match(new RegExp(`\\b${ID}\\b`, 'g')) ?? [];
  const known = anywhere.filter((id) => prefixes.has(prefixOf(id)));
  return [...new Set([...(leading.match(new RegExp(ID, 'g')) ?? []), ...known])];
}

/** `RSP` of `RSP-3`. */
export function prefixOf(id: string): string {
  return id.slice(0, id.indexOf('-'));
}
