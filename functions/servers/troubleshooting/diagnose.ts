/** Diagnostics: a server makes a list of checks on itself, each with its result, cause and remedy. */
import type { Check } from '../commands/kinds/checks';
import { DIAGNOSTIC_CHECKS } from '../commands/kinds/diagnostic-checks';
import { serverTaskKind } from './server-task';

export const diagnoseTask = serverTaskKind({
  name: 'diagnoseServer',
  command: 'diagnostics',
  onSuccess: async (_context, { checks }) => summaryOf(checks.map(withRemedy)),
  resultOf: ({ checks, ...data }) => ({ ...data, checks: checks.map(withRemedy) }),
});

/** One line about checks: how many did not pass, with cause and remedy of each. */
export function summaryOf(checks: readonly Check[]): string {
  const bad = checks.filter(({ result }) => result === 'failed' || result === 'warning');
  if (bad.length === 0) return `All ${checks.length} checks passed.`;
  const lines = bad.map(({ name, cause, remedy }) =>
    [`${name}:`, cause, remedy].filter((part) => part !== undefined).join(' '),
  );
  return `${bad.length} of ${checks.length} checks did not pass. ${lines.join(' ')}`;
}

/** The check with what to do about it, where the server does not say. */
function withRemedy(check: Check): Check {
  if (check.result === 'passed' || check.result === 'skipped' || check.remedy !== undefined) return check;
  return { ...check, remedy: DIAGNOSTIC_CHECKS.find(({ id }) => id === check.id)?.remedy };
}
