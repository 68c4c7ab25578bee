import fc from 'fast-check';
import { EVENT_TYPE_IDS } from '../../policies/engine';
import { EventCounts } from './event-counts';
import { eventAt } from '../testing/events';

it('RCD-6: counts and shares of the types add up to all events', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENT_TYPE_IDS)), (types) => {
      const counts = new EventCounts();
      for (const type of types) counts.add(eventAt(0, type));
      const rows = counts.byType();
      expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(types.length);
      if (types.length > 0) expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
      expect(rows.map(({ type }) => type).sort()).toEqual([...new Set(types)].sort());
    }),
  );
});
