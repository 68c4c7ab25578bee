/** The documentation page: every operation for people, and no text that becomes markup. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { openApiDocument } from '../../../shared/http/openapi';
import { PROBLEMS } from '../../../shared/problem';
import { call } from '../../../tests/support/call';
import { startTestServices } from '../../../tests/support/test-services';
import { describeApi } from '../../api-description';
import { siteOperations } from '../../sites';
import { CONTENT_SECURITY_POLICY, docsPage } from './docs-page';
import { serviceOperations } from '..';
import { apiDocuments } from '../api-documents';

const documents = apiDocuments(siteOperations, describeApi);
const docOf = (name: string) => documents[name] ?? '';

const page = docsPage(openApiDocument(siteOperations, describeApi('https://recording.test')), PROBLEMS);

it('shows every operation and every problem', () => {
  for (const { id, path } of siteOperations) {
    expect(page).toContain(`id="${id}"`);
    expect(page).toContain(path);
  }
  for (const code of Object.keys(PROBLEMS)) expect(page).toContain(`<tr class="item" id="${code}">`);
});

it('has only links that lead somewhere', () => {
  const anchors = new Set([...page.matchAll(/id="([^"]+)"/g)].map(([, id]) => id));
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((id) => !anchors.has(id))).toEqual([]);
});

it('shows hostile text as text, wherever it stands', () => {
  const hostile = fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</pre><b>',
    '&lt;',
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const html = docsPage(
        {
          info: { title: text, version: text, description: text },
          tags: [{ name: text, description: text }],
          paths: {
            [text]: {
              get: {
                operationId: text,
                summary: text,
                description: text,
                tags: [text],
                parameters: [{ name: text, in: 'query', required: false, description: text }],
                requestBody: { content: { [text]: { schema: { $ref: `#/components/schemas/${text}` } } } },
                responses: { '200': { description: text, content: { [text]: { schema: {} } } } },
              },
            },
          },
          servers: [{ url: text }],
          components: { schemas: { [text]: { description: text } } },
        },
        {},
      );
      const [markup] = html.split('<script>\n');
      expect(markup).not.toMatch(/<script|<img|<b>|onerror=alert\(1\)>/);
      if (text === '&lt;') expect(html).toContain('&amp;lt;');
    }),
  );
});

it('is served to anybody with a policy that runs its own script alone, as is the document', async () => {
  const test = await startTestServices();
  try {
    const [, openapi, docs] = serviceOperations(docOf);
    if (!openapi || !docs) throw new Error('an operation is missing');
    const served = await call(test.services, docs);
    expect(served.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
    });
    for (const kind of ['script', 'style']) {
      const [, text = ''] = new RegExp(`<${kind}>(.*?)</${kind}>`, 's').exec(served.text) ?? [];
      const hash = createHash('sha256').update(text).digest('base64');
      expect(served.headers['content-security-policy']).toContain(`${kind}-src 'sha256-${hash}'`);
    }
    expect(served.text).toContain('id="createSite"');
    const document = await call(test.services, openapi);
    expect(document.body).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'https://recording.test' }] });
    expect((await call(test.services, openapi, { query: '?x=1' })).status).toBe(400);
  } finally {
    await test.close();
  }
});

it.each(['https://recording.test', 'https://other.test/a&"b"'])(
  'OPS-2: what the build made is served as if it had been made for %s',
  async (publicUrl) => {
    const test = await startTestServices();
    try {
      const services = { ...test.services, config: { ...test.services.config, publicUrl } };
      const [, openapi, docs] = serviceOperations(docOf);
      if (!openapi || !docs) throw new Error('an operation is missing');
      const document = openApiDocument(siteOperations, describeApi(publicUrl));
      expect((await call(services, openapi)).body).toEqual(document);
      expect((await call(services, docs)).text).toBe(docsPage(document, PROBLEMS));
    } finally {
      await test.close();
    }
  },
);

it('OPS-2: documents are read once, and not sent to a caller who has them already', async () => {
  const test = await startTestServices();
  const read: string[] = [];
  try {
    const [, openapi, docs] = serviceOperations((name) => {
      read.push(name);
      return docOf(name);
    });
    for (const operation of [openapi, docs]) {
      if (!operation) throw new Error('an operation is missing');
      const first = await call(test.services, operation);
      expect(first.headers).toMatchObject({
        etag: expect.stringMatching(/^"\S+"$/) as string,
        'cache-control': 'no-cache',
      });
      const etag = String(first.headers['etag']);
      const again = await call(test.services, operation, {
        headers: { 'if-none-match': `"other", ${etag}` },
      });
      expect(again).toMatchObject({ status: 304, text: '', headers: { etag } });
      expect((await call(test.services, operation, { headers: { 'if-none-match': '"other"' } })).text).toBe(
        first.text,
      );
    }
    expect(read).toEqual(['openapi.json', 'api.html']);
  } finally {
    await test.close();
  }
});
