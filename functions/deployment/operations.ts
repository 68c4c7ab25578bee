/** HTTP operations on site plans: recommendation, estimate, validation, and the template. */
import { z } from 'zod';
import { estimate, estimateInput, estimateView } from '../../arm-templates/costs/estimate';
import { recommend, recommendationView, recordingNeeds } from '../../arm-templates/costs/recommendation';
import { requiredSecrets, manualSteps } from '../../arm-templates/package/required-inputs';
import { zipStream } from '../../arm-templates/package/zip';
import { planWarnings } from '../../arm-templates/plan/plan-warnings';
import { sitePlan } from '../../arm-templates/plan/site-plan';
import { byteStream, type Operation, operation } from '../../shared/http/operation';
import { findSite } from '../sites';
import { checkPlan, DEPLOYMENT_METHODS } from './check-plan';
import { createTemplate } from './create-template';
import { priceListFor } from './price-list';

const tag = 'Deployment';
const access = 'sites.manage';
/** A plan can contain a certificate in base64. */
const MAX_PLAN_BYTES = 524_288;

const recommendation = operation({
  id: 'recommendSitePlan',
  method: 'POST',
  path: '/api/v1/sitePlans/recommendation',
  tag,
  summary: 'Recommend servers and storage',
  description: 'Based on the expected sessions. A part whose questions are not answered is not recommended.',
  access,
  body: recordingNeeds,
  success: { status: 200, description: 'The recommendation, and its model', body: recommendationView },
  handle: async ({ body }) => ({ body: recommend(body) }),
});

const estimation = operation({
  id: 'estimateSitePlan',
  method: 'POST',
  path: '/api/v1/sitePlans/estimate',
  tag,
  summary: 'Estimate the monthly cost of a site',
  description:
    'At list prices, without discounts. Takes a site plan or a draft of one: missing parts are not counted. The response states the source and date of the prices.',
  access,
  body: estimateInput,
  bodyFormat: { maxBytes: MAX_PLAN_BYTES },
  success: { status: 200, description: 'Costs by kind of resource, and their total', body: estimateView },
  async handle({ body, services, log }) {
    return { body: estimate(body, await priceListFor(services, body, log)) };
  },
});

const planCheck = z
  .object({
    certificate: z
      .object({ subject: z.string(), validUntil: z.iso.datetime() })
      .optional()
      .describe('The certificate in the file'),
    secretsAskedFor: z.array(z.string()).describe('Secrets for which the scripts of the template prompt'),
    manualSteps: z.array(z.string()).describe('Steps that only an administrator can do'),
    warnings: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .describe('What the plan does that may not be wanted'),
  })
  .meta({ id: 'SitePlanCheck' });

const validation = operation({
  id: 'validateSitePlan',
  method: 'POST',
  path: '/api/v1/sitePlans/validation',
  tag,
  summary: 'Validate a site plan',
  description:
    'The response lists all errors at once, each with its location. Nothing of the plan is stored.',
  access,
  query: z.strictObject({
    method: z.enum(DEPLOYMENT_METHODS).default('armTemplate').describe('How the site will be deployed'),
  }),
  body: sitePlan,
  bodyFormat: { maxBytes: MAX_PLAN_BYTES },
  success: { status: 200, description: 'The plan can be deployed', body: planCheck },
  async handle({ body, query, services }) {
    checkPlan(body, query.method, services.clock.now());
    const certificate = body.certificate?.details;
    return {
      body: {
        ...(certificate
          ? { certificate: { subject: certificate.subject, validUntil: certificate.notAfter.toISOString() } }
          : {}),
        secretsAskedFor: query.method === 'armTemplate' ? requiredSecrets(body).map(({ name }) => name) : [],
        manualSteps: manualSteps(body),
        warnings: planWarnings(body),
      },
    };
  },
});

const createArmTemplate = operation({
  id: 'createArmTemplate',
  method: 'POST',
  path: '/api/v1/sites/{siteId}/armTemplate',
  tag,
  summary: 'Create the ARM template of a site and download it',
  description:
    'A zip with template, parameters, scripts and a README. It contains no secrets: the scripts prompt for them, and those of the plan are dropped. The site then shows that its template was created, with the machines of the plan. The same plan gives the same zip; a new plan replaces the template and keeps the names of the resources, so that it updates what was deployed.',
  access,
  body: sitePlan,
  bodyFormat: { maxBytes: MAX_PLAN_BYTES },
  success: { status: 200, description: 'The package', body: byteStream, contentType: 'application/zip' },
  problems: ['stale', 'conflict'],
  idempotency: 'oneTimeSecret',
  audit: { action: 'site.createTemplate', when: 'withChange' },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  async handle({ resource, body, caller, services, audit }) {
    checkPlan(body, 'armTemplate', services.clock.now());
    const { customerId } = caller;
    const files = await createTemplate({ services, customerId, siteId: resource.id, plan: body, audit });
    return {
      body: zipStream(files),
      headers: { 'content-disposition': `attachment; filename="session-recording-${resource.id}.zip"` },
    };
  },
});

export const deploymentOperations: readonly Operation[] = [
  recommendation,
  estimation,
  validation,
  createArmTemplate,
];
