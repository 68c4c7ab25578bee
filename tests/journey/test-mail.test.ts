/** A test mail reaches the mail server, whose answer the administrator gets. */
import { createTestCustomer, type TestCustomer } from '../support/customer-requests';
import { eventually, startService, type TestService } from '../support/service';
import { validRequest } from '../support/valid-requests';

let service: TestService;
let customer: TestCustomer;

beforeAll(async () => {
  service = await startService();
  customer = await createTestCustomer(service, 'contoso');
}, 120_000);

afterAll(() => service.stop());

test('OPS-3: the answer of the mail server is returned, and the mail arrives', async () => {
  const { params, body } = await validRequest('sendTestMail', customer);
  const path = `/api/v1/sites/${params['siteId']}/settings/testMail`;
  const sent = await customer.administrator('POST', path, { body });
  expect(sent).toMatchObject({ status: 200, body: { accepted: true } });
  expect(sent.body['answer']).toMatch(/^250/);
  const mail = await eventually('the mail', async () =>
    (await service.outbox()).find(({ subject }) => subject.includes('Test mail')),
  );
  expect(mail).toMatchObject({ via: 'smtp', to: ['ada@contoso.example'] });
});
