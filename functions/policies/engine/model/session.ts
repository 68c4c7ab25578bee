/** The facts of a session that determine which rules apply to it. */
import { z } from 'zod';

/** The longest name, identifier or tag: above the limits of all directories (a SID has at most 184 characters). */
const MAX_NAME_UNITS = 1024;
const MAX_GROUPS = 5_000;
const MAX_TAGS = 1_000;

const name = z.string().max(MAX_NAME_UNITS);

const group = z.strictObject({
  name: name.optional().meta({ description: '`DOMAIN\\group`' }),
  sid: name.optional(),
  entraId: name.optional(),
});

export const sessionFactsSchema = z
  .strictObject({
    user: z.strictObject({
      name: name.meta({ description: '`DOMAIN\\user`' }),
      upn: name.optional(),
      sid: name.optional(),
      entraId: name.optional(),
      groups: z.array(group).max(MAX_GROUPS),
    }),
    application: name.optional().meta({ description: 'Published application or desktop' }),
    deliveryGroup: name.optional(),
    machine: name.optional(),
    clientAddress: name.optional().meta({
      description: "IPv4 or IPv6 address of the user's Workspace app; any other text is in no address range",
    }),
    tags: z.array(name).max(MAX_TAGS).meta({ description: 'Smart-access tags' }),
  })
  .meta({ id: 'SessionFacts', description: 'What determines which rules apply to a session' });

/** User, application, machine and client of a session. Never mutate one: the engine caches results by object. */
export type SessionFacts = Readonly<z.infer<typeof sessionFactsSchema>>;
