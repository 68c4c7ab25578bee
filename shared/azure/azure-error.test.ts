/** Errors of Azure, in the shapes that Resource Manager answers. */
import {
  AzureError,
  isRetryable,
  readAzureError,
  refersToOperations,
  retryAfterSeconds,
} from './azure-error';

it('HST-3: nested errors give the innermost cause, also when it is JSON within a message', () => {
  const inner = { error: { code: 'SkuNotAvailable', message: 'Not in this region.', target: 'vmSize' } };
  const body = {
    error: {
      code: 'DeploymentFailed',
      message: 'At least one resource deployment operation failed.',
      target: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Resources/deployments/main',
      details: [{ code: 'Conflict', message: JSON.stringify({ status: 'Failed', ...inner }) }],
    },
  };
  expect(readAzureError(body, 'correlation-1')).toEqual({
    code: 'DeploymentFailed',
    message: 'At least one resource deployment operation failed.',
    target: body.error.target,
    correlationId: 'correlation-1',
    cause: { code: 'SkuNotAvailable', message: 'Not in this region.', target: 'vmSize' },
  });
});

it('HST-3: a policy denial names the policy and its assignment', () => {
  const info = {
    policyDefinitionDisplayName: 'Allowed regions',
    policyAssignmentDisplayName: 'Company rules',
  };
  const denied = {
    code: 'RequestDisallowedByPolicy',
    message: 'Disallowed.',
    additionalInfo: [{ type: 'PolicyViolation', info }],
  };
  const found = readAzureError({
    error: { code: 'InvalidTemplateDeployment', message: 'x', details: [denied] },
  });
  expect(found.policies).toEqual([{ policy: 'Allowed regions', assignment: 'Company rules' }]);
  expect(isRetryable(new AzureError(found, 409))).toBe(false);
});

it('HST-3: an error that Azure leaves out as too large is looked up in the operations', () => {
  const message =
    'The aggregated deployment error is too large. Please list deployment operations to get the deployment details.';
  expect(refersToOperations(readAzureError({ code: 'DeploymentFailed', message }))).toBe(true);
  expect(refersToOperations(readAzureError({ code: 'QuotaExceeded', message: 'No cores.' }))).toBe(false);
});

it('HST-3: what is not an error of Azure is no reason to fail', () => {
  for (const body of [undefined, null, 'text', [], { error: [] }])
    expect(readAzureError(body).code).toBe('Unknown');
});

it.each([
  ['throttling', 'TooManyRequests', 429, true],
  ['no answer', 'ETIMEDOUT', undefined, true],
  ['a fault of Azure', 'InternalServerError', 500, true],
  ['a conflict in progress', 'AnotherOperationInProgress', 409, true],
  ['a deployment that is running', 'DeploymentActive', 409, true],
  ['a network that is still in use', 'InUseSubnetCannotBeDeleted', 409, true],
  ['quota', 'QuotaExceeded', 409, false],
  ['quota with a status that is retried', 'OperationNotAllowedQuotaExceeded', 429, false],
  ['a policy', 'RequestDisallowedByPolicy', 403, false],
  ['a missing permission', 'AuthorizationFailed', 403, false],
  ['a wrong template', 'InvalidTemplate', 400, false],
  ['another conflict', 'StorageAccountAlreadyTaken', 409, false],
])('HST-3: whether a call is repeated after %s', (_name, code, status, expected) => {
  expect(isRetryable(new AzureError({ code, message: '' }, status))).toBe(expected);
});

it('HST-3: the longest pause that Azure asks for is kept', () => {
  const now = new Date('2026-11-30T00:00:00Z');
  const headers = new Headers({
    'retry-after': '5',
    'x-ms-ratelimit-microsoft.consumption-retry-after': '60',
  });
  expect(retryAfterSeconds((name) => headers.get(name), now)).toBe(60);
  const date = new Headers({ 'retry-after': 'Mon, 30 Nov 2026 00:00:30 GMT' });
  expect(retryAfterSeconds((name) => date.get(name), now)).toBe(30);
  expect(retryAfterSeconds(() => null, now)).toBeUndefined();
});
