/** Names that administrators give have no control characters and no spaces at their ends, and are in composed form. */
import { z } from 'zod';
import { operations } from '../../functions/operations';

const NAMES = ['name', 'displayName', 'theme', 'organisation'];

/** Names from elsewhere: directories, applications and machines have what they have. Site plans check names by Azure's rules. */
const FROM_ELSEWHERE = [
  'scope',
  'facts',
  'session',
  'machines',
  'domain',
  'network',
  'databases',
  'sections',
];
/** Names of registry values are restricted further: see TRB-2. */
const REGISTRY = ['readRegistry', 'writeRegistry'];
const SITE_PLANS = [
  'estimateSitePlan',
  'validateSitePlan',
  'createArmTemplate',
  'startDeployment',
  'retryDeployment',
];

function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return unwrapped(schema.unwrap() as z.ZodType);
  return schema;
}

/** The schemas of names within a body, with their places. */
function namesIn(schema: z.ZodType, place: string): [string, z.ZodType][] {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray) return namesIn(inner.element as z.ZodType, place);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
    if (FROM_ELSEWHERE.includes(name)) return [];
    const here = `${place}/${name}`;
    return NAMES.includes(name) ? [[here, unwrapped(field)] as [string, z.ZodType]] : namesIn(field, here);
  });
}

const names = operations
  .filter(({ id, body }) => body && ![...SITE_PLANS, ...REGISTRY].includes(id))
  .flatMap(({ id, body }) => (body ? namesIn(body, id) : []));

it('finds the names of sites, clients, groups, policies, rules and templates', () => {
  expect(names.map(([place]) => place)).toEqual(
    expect.arrayContaining([
      'createSite/name',
      'changeSite/name',
      'createSecureClient/name',
      'putAdministratorGroup/name',
      'createRecordingPolicy/name',
      'createRecordingPolicy/rules/name',
      'copyEventResponsePolicy/name',
      'createEventTriggerTemplate/name',
      'publishEventTriggerTemplate/organisation',
      'changeSiteSettings/emailAlerts/sender/displayName',
    ]),
  );
});

test.each(names)('OPS-2: %s takes names in any script, and no control characters', (_place, schema) => {
  for (const name of ['Paris', '東京', 'Ærø 7', "O'Brien & Sons", '👩‍💻 Team'])
    expect(schema.parse(name)).toBe(name.normalize('NFC'));
  expect(schema.parse('  Paris\u00a0')).toBe('Paris');
  expect(schema.parse('Zu\u0308rich')).toBe('Z\u00fcrich');
  for (const name of [
    'a\u0000b',
    'a\nb',
    'a\rb',
    'a\tb',
    'a\u007fb',
    'a\u0085b',
    'a\u2028b',
    'a\u202eb',
    'a\ud800b',
    '\u200b',
  ])
    expect([name, schema.safeParse(name).success]).toEqual([name, false]);
});
