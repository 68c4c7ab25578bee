/** What of a plan depends on the day and on the way of deploying. */
import { openPfx, validityFault } from '../../arm-templates/plan/certificate';
import { missingForHostConnection } from '../../arm-templates/plan/host-connection';
import type { SitePlan } from '../../arm-templates/plan/site-plan';
import { jsonPointer } from '../../shared/http/validation';
import { type FieldError, Problem } from '../../shared/problem';

export const DEPLOYMENT_METHODS = ['armTemplate', 'hostConnection'] as const;
export type DeploymentMethod = (typeof DEPLOYMENT_METHODS)[number];

/** The certificate of a plan that was checked, if it has one. @throws Problem `validation-failed` naming everything */
export function checkPlan(plan: SitePlan, method: DeploymentMethod, now: Date) {
  const opened = plan.certificate && openPfx(plan.certificate.pfx, plan.certificate.password);
  const facts = Array.isArray(opened) ? undefined : opened;
  const fault = facts && validityFault(facts, now);
  const errors: FieldError[] = [
    ...(fault ? [{ pointer: '/certificate/pfx', detail: fault }] : []),
    ...(method === 'hostConnection' ? missingForHostConnection(plan) : []).map((missing) => ({
      pointer: jsonPointer(missing.path),
      detail: missing.message,
    })),
  ];
  if (errors.length === 0) return facts;
  const places = errors.map(({ pointer }) => pointer).join(', ');
  throw new Problem('validation-failed', `The plan cannot be deployed as it is: ${places}.`, { errors });
}
