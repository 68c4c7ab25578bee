/** The checks of a site plan that depend on the current date and on the deployment method. */
import { validityError } from '../../arm-templates/plan/certificate';
import { missingForHostConnection } from '../../arm-templates/plan/host-connection';
import type { SitePlan } from '../../arm-templates/plan/site-plan';
import { jsonPointer } from '../../shared/http/validation';
import { type FieldError, Problem } from '../../shared/problem';

export const DEPLOYMENT_METHODS = ['armTemplate', 'hostConnection'] as const;
export type DeploymentMethod = (typeof DEPLOYMENT_METHODS)[number];

/** @throws Problem `validation-failed` with every reason why the validated plan cannot be deployed by the method now */
export function checkPlan(plan: SitePlan, method: DeploymentMethod, now: Date): void {
  const expiry = plan.certificate && validityError(plan.certificate.details, now);
  const errors: FieldError[] = [
    ...(expiry ? [{ pointer: '/certificate/pfx', detail: expiry }] : []),
    ...(method === 'hostConnection' ? missingForHostConnection(plan) : []).map((missing) => ({
      pointer: jsonPointer(missing.path),
      detail: missing.message,
    })),
  ];
  if (errors.length === 0) return;
  const places = errors.map(({ pointer }) => pointer).join(', ');
  throw new Problem('validation-failed', `The plan cannot be deployed: ${places}.`, { errors });
}
