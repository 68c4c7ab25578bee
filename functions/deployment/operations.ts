/** HTTP operations on site plans: what to plan, what it costs, whether it holds, and its template. */
import { z } from 'zod';
import { estimate, estimateInput, estimateView } from '../../arm-templates/costs/estimate';
import { recommend, recommendationView, recordingNeeds } from '../../arm-templates/costs/recommendation';
import { askedSecrets, manualSteps } from '../../arm-templates/package/needs';
import { zipStream } from '../../arm-templates/package/zip';
import { sitePlan } from '../../arm-templates/plan/site-plan';
import { byteStream, type Operation, operation } from '../../shared/http/operation';
import { findSite } from '../sites';
import { checkPlan, DEPLOYMENT_METHODS } from './check-plan';
import { createTemplate } from './create-template';
import { priceListFor } from './price-list';

const tag = 'Deployment';
const access = 'sites.manage';
/** A plan holds a certificate in base64. */
const MAX_PLAN_BYTES = 524_288;

const recommendation = operation({
  id: 'recommendSitePlan',
  method: 'POST',
  path: '/api/v1/sitePlans/recommendation',
  tag,
  summary: 'Recommend servers and storage',
  description:
    'By what is known of the sessions that are to be recorded; what is not answered is not recommended.',
  access,
  body: recordingNeeds,
  success: { status: 200, description: 'What is recommended, and by which model', body: recommendationView },
  handle: async ({ body }) => ({ body: recommend(body) }),
});

const estimation = operation({
  id: 'estimateSitePlan',
  method: 'POST',
  path: '/api/v1/sitePlans/estimate',
  tag,
  summary: 'Estimate what a site costs in a month',
  description:
    'By list prices, without discounts. Takes a site plan, or as much of it as is known: parts that are left out are not counted. The answer says whose prices these are and of which day.',
  access,
  body: estimateInput,
  bodyFormat: { maxBytes: MAX_PLAN_BYTES },
  success: { status: 200, description: 'Costs by kind of resource, and their sum', body: estimateView },
  async handle({ body, services, log }) {
    return { body: estimate(body, await priceListFor(services, body, log)) };
  },
});

const planCheck = z
  .object({
    certificate: z
      .object({ subject: z.string(), validUntil: z.iso.datetime() })
      .optional()
      .describe('What the certificate file holds'),
    secretsAskedFor: z.array(z.string()).describe('By the scripts of the template'),
    manualSteps: z.array(z.string()).describe('What only an administrator can do'),
  })
  .meta({ id: 'SitePlanCheck' });

const validation = operation({
  id: 'validateSitePlan',
  method: 'POST',
  path: '/api/v1/sitePlans/validation',
  tag,
  summary: 'Check a site plan',
  description:
    'A plan with errors is refused with all of them at once, each with the place where it is. Nothing of the plan is stored.',
  access,
  query: z.strictObject({
    method: z.enum(DEPLOYMENT_METHODS).default('armTemplate').describe('How the site is to be deployed'),
  }),
  body: sitePlan,
  bodyFormat: { maxBytes: MAX_PLAN_BYTES },
  success: { status: 200, description: 'The plan can be deployed', body: planCheck },
  async handle({ body, query, services }) {
    const certificate = checkPlan(body, query.method, services.clock.now());
    return {
      body: {
        ...(certificate
          ? { certificate: { subject: certificate.subject, validUntil: certificate.notAfter.toISOString() } }
          : {}),
        secretsAskedFor: query.method === 'armTemplate' ? askedSecrets(body).map(({ name }) => name) : [],
        manualSteps: manualSteps(body),
      },
    };
  },
});

const createArmTemplate = operation({
  id: 'createArmTemplate',
  method: 'POST',
  path: '/api/v1/sites/{siteId}/armTemplate',
  tag,
  summary: 'Make the ARM template of a site and download it',
  description:
    'A zip with template, parameters, scripts and a README. It holds no secrets: the scripts ask for them, and those of the plan are dropped. The site is listed as one whose template was created, with the machines of the plan. The same plan gives the same zip; another one takes its place.',
  access,
  body: sitePlan,
  bodyFormat: { maxBytes: MAX_PLAN_BYTES },
  success: { status: 200, description: 'The package', body: byteStream, contentType: 'application/zip' },
  problems: ['stale'],
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
