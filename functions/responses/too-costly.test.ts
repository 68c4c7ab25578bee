/** Events on which the patterns of a stored policy would take too long. */
import { lineLog } from '../../shared/telemetry/telemetry';
import { longEvents } from '../../tests/support/hostile-policies';
import { activityFeed } from '../../tests/support/logs';
import { ResponsePipeline } from '../../tests/support/response-pipeline';
import { CONTOSO } from '../../tests/support/test-issuer';
import { responsePolicy, trigger } from '../policies/engine/testing/examples';
import { writePolicyBody } from '../policies/versions/policy-bodies';
import { EVENTS_DETECTED } from '../sessions';
import { respondToEvents } from './respond-to-events';

let pipeline: ResponsePipeline;

beforeAll(async () => {
  pipeline = await ResponsePipeline.start();
});
afterAll(() => pipeline.close());

it('RSP-2: they get no response, which log and feed report once, and other events of the delivery are answered', async () => {
  const given = await pipeline.publishEvent();
  const { siteId, serverId, sessionId, customerId } = given.batch;
  const policyId = '019bc17a-0000-7000-8000-00000000ffff';
  const scope = { users: [{ name: given.session.facts.user.name }] };
  const rule = (pattern: string) => {
    const matching = trigger('appStart', {
      dimension: 'commandLine',
      operator: 'matches',
      values: [pattern],
    });
    return { scope, triggers: [{ ...matching, actions: ['lockSession' as const] }] };
  };
  const policy = responsePolicy(rule(`${'.{0,1000}'.repeat(14)}c-x`), rule('-x$'));
  await writePolicyBody(pipeline.services, CONTOSO, siteId, { policyId, version: 1 }, policy);
  const [costly] = longEvents(1, new Date(given.session.startedAt));
  const [template] = longEvents(1, new Date(given.session.startedAt));
  const short = { ...template, data: { appName: 'app', commandLine: 'aaa -x' } };
  const data = {
    customerId,
    siteId,
    sessionId,
    serverId,
    policyId,
    policyVersion: 1,
    events: [costly, short],
  };
  const lines: string[] = [];
  const log = lineLog((line) => lines.push(line));
  for (const _delivery of [1, 2])
    await respondToEvents(pipeline.services, { type: EVENTS_DETECTED, data }, log);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('events.too-costly');
  const feed = (await activityFeed(pipeline.services)).filter(({ message }) =>
    message.includes('take too long'),
  );
  expect(feed).toMatchObject([{ count: 1, details: { eventId: costly?.id, policyId } }]);
  const responseTo = (id: string) =>
    pipeline.responseTo({ ...given, event: { ...given.event, id } }).catch(() => undefined);
  expect(await responseTo(short.id ?? '')).toMatchObject({ ruleName: 'Rule 1', policyId });
  expect(await responseTo(costly?.id ?? '')).toBeUndefined();
});
