/** Checks stored rules by today's limits before they are saved again: they may be older than a limit (RSP-2). */
import { Problem } from '../../shared/problem';
import type { PolicyKind } from './engine';
import { type KindDefinition, POLICY_KINDS, type PolicyOf } from './policy-kinds';

/**
 * Refuses content of a stored version that could not be saved today, such as a pattern that is too large.
 * @throws Problem `conflict` with the first reason
 */
export function requireAccepted<K extends PolicyKind>(
  kind: K,
  { name, description, rules }: { name: string; description: string; rules: PolicyOf[K]['rules'] },
): void {
  const { body }: KindDefinition<K> = POLICY_KINDS[kind];
  const sent = rules.map(({ createdAt: _createdAt, ...rule }) => rule);
  const [issue] = body.safeParse({ name, description, rules: sent }).error?.issues ?? [];
  if (!issue) return;
  throw new Problem(
    'conflict',
    `The rules of this version are no longer accepted: /${issue.path.join('/')}: ${issue.message}. ` +
      'Save the policy with changed rules instead.',
  );
}
