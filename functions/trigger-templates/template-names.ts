/**
 * The names of a customer's own templates: unique among these (TPL-1). Those of built-in and published templates are not
 * taken: lists show where a template comes from, and one's own variant of it may keep its name.
 */
import type { Change } from '../../shared/cosmos/partition';
import type { Services } from '../../shared/services';
import {
  holderOf,
  isRename,
  nameChange,
  nameIsTaken,
  nameRelease,
  nameReservation,
  type Named,
  type NameScope,
} from '../../shared/unique-names';
import { templateType } from './template';

const SCOPE: NameScope = ['event-trigger-template'];

type Reading = Pick<Services, 'database'>;

/** The write that reserves the name of a new template. @throws Problem `already-exists` */
export async function newTemplateName(
  services: Reading,
  customerId: string,
  template: Named,
): Promise<Change[]> {
  await requireFreeName(services, customerId, template);
  return [nameReservation(SCOPE, template)];
}

/** The writes that a new name of a template needs; none when it keeps its name. @throws Problem `already-exists` */
export async function templateNameChange(
  services: Reading,
  customerId: string,
  before: Named,
  name: string,
): Promise<Change[]> {
  if (!isRename(before.name, name)) return [];
  await requireFreeName(services, customerId, { id: before.id, name });
  return nameChange(services.database.control(customerId), SCOPE, before, name);
}

/** The writes that release the name of a template that is deleted. */
export function templateNameRelease(
  { database }: Reading,
  customerId: string,
  template: Named,
): Promise<Change[]> {
  return nameRelease(database.control(customerId), SCOPE, template);
}

async function requireFreeName({ database }: Reading, customerId: string, template: Named): Promise<void> {
  const stored = await database
    .control(customerId)
    .query<Named>(`SELECT c.id, c.name FROM c WHERE c.type = '${templateType.name}'`);
  const own = stored.map(({ id, name }) => ({ id: id.slice(templateType.name.length + 1), name }));
  const holder = holderOf(own, template);
  if (!holder) return;
  const { id, name } = holder;
  throw nameIsTaken(`The template ${JSON.stringify(name)} of the organisation (${id})`, {
    advice: 'choose another name, or change that template instead.',
    conflict: { templateId: id, name },
  });
}
