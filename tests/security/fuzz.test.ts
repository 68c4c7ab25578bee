/**
 * Requests generated from the served OpenAPI document, most of them invalid: every answer is one that the document
 * declares.
 */
import { fuzz } from '../support/fuzz/fuzz';
import { startService, type TestService } from '../support/service';

/** Long runs: npm run soak -- --suite fuzz --seed N --count N */
const COUNT = 400;

let service: TestService;

beforeAll(async () => {
  service = await startService();
}, 60_000);

afterAll(() => service.stop());

test('no request, however malformed, gets a server error or an undeclared answer', async () => {
  const { requests, faults, statuses } = await fuzz(service, { seed: 1, count: COUNT });
  expect(faults).toEqual([]);
  expect(requests).toBe(COUNT);
  // Most are refused, and enough of them pass validation.
  const through = Object.entries(statuses).reduce(
    (sum, [status, n]) => sum + (Number(status) < 400 ? n : 0),
    0,
  );
  expect(through).toBeGreaterThan(COUNT / 10);
  expect((await fetch(`${service.url}/api/health`)).status).toBe(200);
}, 120_000);
