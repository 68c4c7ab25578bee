/** Preferences (SET-4): the player's cache, of an administrator; fast seek, of the whole customer. */
import { z } from 'zod';
import { documentType } from '../../../shared/cosmos/document-type';

/** The ranges are our own choice. */
const playerCacheMegabytes = z
  .int()
  .min(50)
  .max(2_000)
  .describe('How much of a recording the player keeps, in MB of 1,048,576 bytes');

const fastSeek = z
  .strictObject({
    enabled: z.boolean(),
    iFrameIntervalSeconds: z.int().min(5).max(600),
  })
  .describe(
    'Of all recordings of the customer, from server version 2308; changed by full administrators only',
  );

export const preferences = z
  .strictObject({ playerCacheMegabytes, fastSeek })
  .meta({ id: 'PreferencesInput' });

export const preferencesView = z.object(preferences.shape).meta({ id: 'Preferences' });

export type Preferences = z.output<typeof preferences>;
export type FastSeek = Preferences['fastSeek'];

export const DEFAULT_PREFERENCES: Preferences = {
  playerCacheMegabytes: 200,
  fastSeek: { enabled: false, iFrameIntervalSeconds: 60 },
};

/** One per administrator. */
export interface OwnPreferences {
  id: 'own';
  playerCacheMegabytes: number;
}

export const ownPreferencesType = documentType<OwnPreferences>('preferences', { ttlSeconds: 'never' });

/** One per customer. */
export interface CustomerPreferences {
  id: 'customer';
  fastSeek: FastSeek;
}

export const customerPreferencesType = documentType<CustomerPreferences>('customer-preferences', {
  ttlSeconds: 'never',
});
