/** Compares the actions that are needed with the permissions that Azure lists for a caller. Pure. */

/** As `Microsoft.Authorization/permissions` lists it: one for each role that is assigned to the caller. */
export interface Permission {
  actions?: readonly string[] | undefined;
  notActions?: readonly string[] | undefined;
}

/**
 * The needed actions that none of the roles grants, in their order. `notActions` take from the actions of their own role
 * only; `*` stands for any text, and letter case does not matter.
 */
export function missingActions(needed: readonly string[], permissions: readonly Permission[]): string[] {
  const roles = permissions.map(({ actions = [], notActions = [] }) => ({
    granted: actions.map(patternOf),
    excluded: notActions.map(patternOf),
  }));
  const isGranted = (action: string) =>
    roles.some(
      ({ granted, excluded }) =>
        granted.some((pattern) => pattern.test(action)) && !excluded.some((pattern) => pattern.test(action)),
    );
  return needed.filter((action) => !isGranted(action));
}

function patternOf(action: string): RegExp {
  const escaped = action.split(/\*+/).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^${escaped.join('.*')}$`, 'i');
}
