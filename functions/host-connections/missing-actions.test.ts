/** Needed actions against permissions, as Azure evaluates roles. */
import { missingActions } from './missing-actions';

const NEEDED = [
  'Microsoft.Authorization/roleAssignments/write',
  'Microsoft.Compute/virtualMachines/read',
  'Microsoft.Compute/virtualMachines/write',
];

it.each<[string, Parameters<typeof missingActions>[1], string[]]>([
  ['no role', [], NEEDED],
  ['an owner', [{ actions: ['*'], notActions: [] }], []],
  [
    'a contributor',
    [{ actions: ['*'], notActions: ['Microsoft.Authorization/*/Delete', 'Microsoft.Authorization/*/Write'] }],
    [NEEDED[0] ?? ''],
  ],
  ['a reader', [{ actions: ['*/read'] }], [NEEDED[0] ?? '', NEEDED[2] ?? '']],
  [
    'a contributor with a second role, whose actions the first one does not take away',
    [
      { actions: ['*'], notActions: ['Microsoft.Authorization/*'] },
      { actions: ['microsoft.authorization/roleassignments/WRITE'] },
    ],
    [],
  ],
  ['a dot that is no wildcard', [{ actions: ['MicrosoftXCompute/*', 'Microsoft.Compute/virtual'] }], NEEDED],
])('HST-1: names what %s lacks', (_what, permissions, missing) => {
  expect(missingActions(NEEDED, permissions)).toEqual(missing);
});
