/** Reads and writes the saved searches of an administrator. */
import type { Stored } from '../../../shared/cosmos/document-type';
import { change } from '../../../shared/cosmos/partition';
import type { Administrator } from '../../../shared/identity/caller';
import { isUuid } from '../../../shared/ids';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import {
  holderOf,
  nameIsTaken,
  nameRelease,
  nameReservation,
  type NameScope,
  whileNameIsContended,
} from '../../../shared/unique-names';
import { type CommandSearch, commandSearchType, MAX_COMMAND_SEARCHES } from './command-search';

type Reading = Pick<Services, 'database'>;
type Owner = Pick<Administrator, 'customerId' | 'id'>;

/** Within the partition of the administrator. */
const NAME_SCOPE: NameScope = ['commandSearch'];

/** The search, or undefined when the administrator has none with this id. */
export async function findCommandSearch(
  { database }: Reading,
  { customerId, id }: Owner,
  searchId: string,
): Promise<Stored<CommandSearch> | undefined> {
  return isUuid(searchId) ? database.people(customerId, id).read(commandSearchType, searchId) : undefined;
}

/** At most `limit` searches behind the one with the id `after`, oldest first. */
export async function listCommandSearches(
  { database }: Reading,
  { customerId, id }: Owner,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<Stored<CommandSearch>[]> {
  return database.people(customerId, id).list(commandSearchType, { limit, after });
}

/**
 * Saves a search; saving the same again, by id, changes nothing.
 * @throws Problem `already-exists` when another search of the administrator has the name, `conflict` when they have too many
 */
export async function saveCommandSearch(
  services: Reading,
  owner: Owner,
  search: CommandSearch,
): Promise<Stored<CommandSearch>> {
  const people = services.database.people(owner.customerId, owner.id);
  await whileNameIsContended(async () => {
    const others = await listCommandSearches(services, owner, { limit: MAX_COMMAND_SEARCHES });
    if (others.some(({ id }) => id === search.id)) return;
    requireFreeName(others, search);
    if (others.length >= MAX_COMMAND_SEARCHES)
      throw new Problem(
        'conflict',
        `An administrator has at most ${MAX_COMMAND_SEARCHES} saved searches: delete one first.`,
      );
    await people.commit([change.create(commandSearchType, search), nameReservation(NAME_SCOPE, search)]);
  });
  return (await people.read(commandSearchType, search.id)) ?? { ...search, etag: '' };
}

/** Deletes the search and releases its name. @throws DocumentStale */
export async function deleteCommandSearch(
  { database }: Reading,
  { customerId, id }: Owner,
  search: Stored<CommandSearch>,
): Promise<void> {
  const people = database.people(customerId, id);
  await people.commit([
    change.remove(commandSearchType, search.id, search.etag),
    ...(await nameRelease(people, NAME_SCOPE, search)),
  ]);
}

function requireFreeName(others: readonly CommandSearch[], search: CommandSearch): void {
  const holder = holderOf(others, search);
  if (!holder) return;
  throw nameIsTaken(`Your saved search ${JSON.stringify(holder.name)} (${holder.id})`, {
    advice: 'choose another name, or delete that search first.',
    conflict: { commandSearchId: holder.id, name: holder.name },
  });
}
