/** The documentation page: the OpenAPI document as readable HTML, without scripts or external assets. */

type Json = Record<string, unknown>;

interface Described {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  parameters: { name: string; in: string; required: boolean; description?: string }[];
  requestBody?: { content: Record<string, { schema: Json }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
}

interface Document {
  info: { title: string; version: string; description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Json> };
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
nav ul{columns:2;padding-left:1.2rem}code,pre{font-family:ui-monospace,monospace;font-size:.9em}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.5rem .8rem}
summary{cursor:pointer}summary .method{display:inline-block;min-width:5.5rem;font-weight:700}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
pre{overflow:auto;border:1px solid var(--line);border-radius:.4rem;padding:.6rem}`;

/**
 * The page for a document made by `openApiDocument`.
 * @param problems title by code, listed so that a problem's `type` URI resolves
 */
export function docsPage(
  openapi: unknown,
  problems: Readonly<Record<string, { status: number; title: string }>>,
): string {
  const api = openapi as Document;
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const sections = api.tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(tag.name));
    return `<h2 id="${anchor(tag.name)}">${escape(tag.name)}</h2><p>${escape(tag.description)}</p>${own.map(operationHtml).join('')}`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(api.info.title)}</title><style>${STYLE}</style></head><body>
<h1>${escape(api.info.title)} <small>${escape(api.info.version)}</small></h1><p>${escape(api.info.description)}</p>
<p>For tools: <a href="/api/openapi.json">OpenAPI 3.1 document</a></p>
<nav aria-label="Sections"><ul>${api.tags.map((tag) => `<li><a href="#${anchor(tag.name)}">${escape(tag.name)}</a></li>`).join('')}
<li><a href="#problems">Problems</a></li><li><a href="#schemas">Schemas</a></li></ul></nav>
<main>${sections.join('')}
<h2 id="problems">Problems</h2><table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>${Object.entries(
    problems,
  )
    .map(
      ([code, { status, title }]) =>
        `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escape(title)}</td></tr>`,
    )
    .join('')}</table>
<h2 id="schemas">Schemas</h2>${Object.entries(api.components.schemas)
    .map(
      ([name, schema]) =>
        `<details id="schema-${anchor(name)}"><summary><code>${escape(name)}</code></summary><pre>${escape(JSON.stringify(schema, null, 2))}</pre></details>`,
    )
    .join('')}</main></body></html>`;
}

function operationHtml({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: Described;
}): string {
  const parameters = operation.parameters
    .map(
      (item) =>
        `<tr><td><code>${escape(item.name)}</code></td><td>${item.in}${item.required ? ', required' : ''}</td><td>${escape(item.description ?? '')}</td></tr>`,
    )
    .join('');
  const body = Object.entries(operation.requestBody?.content ?? {})
    .map(([type, { schema }]) => `<p>Body: <code>${escape(type)}</code> ${schemaHtml(schema)}</p>`)
    .join('');
  const answers = Object.entries(operation.responses)
    .map(([status, answer]) => {
      const schemas = Object.values(answer.content ?? {}).map(({ schema }) => schemaHtml(schema));
      return `<tr><td>${status}</td><td>${escape(answer.description)}</td><td>${schemas.join(' ')}</td></tr>`;
    })
    .join('');
  return `<details id="${anchor(operation.operationId)}"><summary><span class="method">${method}</span><code>${escape(path)}</code> – ${escape(operation.summary)}</summary>
<p>${escape(operation.description)}</p>${parameters ? `<table><tr><th>Parameter</th><th>In</th><th></th></tr>${parameters}</table>` : ''}${body}
<table><tr><th>Status</th><th>Meaning</th><th>Schema</th></tr>${answers}</table></details>`;
}

function schemaHtml(schema: Json): string {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return '';
  const name = reference.slice('#/components/schemas/'.length);
  return `<a href="#schema-${anchor(name)}">${escape(name)}</a>`;
}

function anchor(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]+/g, '-');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
