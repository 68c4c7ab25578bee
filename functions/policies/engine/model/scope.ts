/** The scope of a rule: which sessions it applies to. */
import { z } from 'zod';
import { AddressError, parseAddressRange } from '../../../../shared/pure/addresses';
import { wellFormed } from '../../../../shared/pure/text-fields';

const MAX_NAME_UNITS = 1024;
/** Bounds the work that one rule can cause; the size of a policy is bounded by its document. */
const MAX_ENTRIES = 10_000;

const name = z
  .string()
  .trim()
  .min(1, 'Must not be empty: specify a text or omit it')
  .max(MAX_NAME_UNITS)
  .refine(...wellFormed);

const identifiers = { name: name.optional(), sid: name.optional(), entraId: name.optional() };

const identified = (identity: object) => Object.keys(identity).length > 0;
const ANY_IDENTIFIER = 'It applies if any identifier is equal, ignoring case';

const userSchema = z
  .strictObject({ ...identifiers, upn: name.optional() })
  .refine(identified, 'Specify at least one of name, upn, sid, entraId')
  .meta({ id: 'PolicyUser', description: `A user of Active Directory or Entra ID. ${ANY_IDENTIFIER}` });

const groupSchema = z
  .strictObject(identifiers)
  .refine(identified, 'Specify at least one of name, sid, entraId')
  .meta({ id: 'PolicyGroup', description: `A group of Active Directory or Entra ID. ${ANY_IDENTIFIER}` });

const ADDRESS_FORMATS = 'Use a format such as 10.0.0.7, 10.0.0.0/8 or 10.0.0.1-10.0.0.9';

const addressRange = name
  .superRefine((text, context) => {
    try {
      parseAddressRange(text);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      context.addIssue({ code: 'custom', message: `${error.message}. ${ADDRESS_FORMATS}` });
    }
  })
  .meta({ description: '`10.0.0.7`, `10.0.0.0/8` or `10.0.0.1-10.0.0.9`; likewise for IPv6' });

const list = <T extends z.ZodType>(entry: T) => z.array(entry).max(MAX_ENTRIES).optional();

const scopeObject = z.strictObject({
  everyone: z
    .literal(true)
    .optional()
    .meta({ description: 'The rule applies to all sessions; instead of criteria' }),
  users: list(userSchema),
  groups: list(groupSchema),
  applications: list(name),
  deliveryGroups: list(name),
  machines: list(name),
  clientAddresses: list(addressRange),
  tags: list(name),
});

const hasCriteria = ({ everyone: _, ...criteria }: z.infer<typeof scopeObject>) =>
  Object.values(criteria).some((entries) => entries !== undefined && entries.length > 0);

/** A scope as administrators specify it: for everyone, or at least one criterion. */
export const scopeSchema = scopeObject
  .refine(
    (scope) => scope.everyone === true || hasCriteria(scope),
    'Specify at least one criterion, or `"everyone": true` for all sessions',
  )
  .refine((scope) => scope.everyone === undefined || !hasCriteria(scope), {
    path: ['everyone'],
    error: 'A rule for everyone has no criteria: remove them, or remove `everyone`',
  })
  .meta({
    id: 'RuleScope',
    examples: [{ groups: [{ name: 'CONTOSO\\Finance' }] }],
    description:
      'All sessions (`everyone`), or the criteria that a session must satisfy: OR within users and groups, applications, delivery groups and ' +
      'machines, addresses, tags; AND between these kinds',
  });

/** Which sessions a rule applies to: all, if it has no criteria. */
export type Scope = Readonly<z.infer<typeof scopeObject>>;
/** A user or, without `upn`, a group. */
export type Identity = Readonly<z.infer<typeof userSchema>>;
