/** The documentation page: the OpenAPI document as one HTML page that needs nothing else, and is read without scripts. */
import { type ApiDocument, operationsOf, type PlacedOperation, resolved } from './api-document';
import { curlCommand, exampleOf } from './example-request';
import { anchor, type Html, html, prose, withCode } from './html';
import { SCRIPT_ELEMENT, STYLE_ELEMENT } from './page-assets';
import { fieldsHtml, limits, typeHtml } from './schema-html';

/** The page, and the Content-Security-Policy that allows its own script and style alone. */
export { CONTENT_SECURITY_POLICY } from './page-assets';

/**
 * The page for a document made by `openApiDocument`.
 * @param problems title by code, listed so that a problem's `type` URI resolves
 */
export function docsPage(
  openapi: unknown,
  problems: Readonly<Record<string, { status: number; title: string }>>,
): string {
  const api = openapi as ApiDocument;
  const operations = operationsOf(api);
  const sections = api.tags.map((tag) => ({
    ...tag,
    own: operations.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <title>${api.info.title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <header>
          <h1>${api.info.title} <small>${api.info.version}</small></h1>
          ${prose(api.info.description)}
          <p>For tools: <a href="/api/openapi.json">OpenAPI 3.1 document</a></p>
        </header>
        <search hidden>
          <label for="search">Search</label>
          <input id="search" type="search" autocomplete="off" placeholder="operation, path, field, problem" />
          <span id="found" role="status"></span>
        </search>
        <nav aria-label="Sections">
          <ul>
            ${sections.map(
              ({ name, own }) =>
                html`<li><a href="#${anchor(name)}">${name}</a> <small>${own.length}</small></li>`,
            )}
            <li><a href="#problems">Problems</a></li>
            <li><a href="#schemas">Schemas</a></li>
          </ul>
        </nav>
        <main>
          ${sections.map(
            ({ name, description, own }) =>
              html`<section>
                <h2 id="${anchor(name)}">${name}</h2>
                ${prose(description)}${own.map((placed) => operationHtml(placed, api))}
              </section>`,
          )}
          ${problemsHtml(problems)} ${schemasHtml(api)}
        </main>
        ${SCRIPT_ELEMENT}
      </body>
    </html>`;
  return page.markup;
}

function operationHtml(placed: PlacedOperation, api: ApiDocument): Html {
  const { path, method, operation } = placed;
  return html`<details class="item" id="${anchor(operation.operationId)}">
    <summary>
      <span class="method">${method}</span> <code>${path}</code> <span>${operation.summary}</span>
    </summary>
    ${prose(operation.description)} ${parametersHtml(operation.parameters)} ${bodyHtml(operation, api)}
    <h3>Answers</h3>
    <div class="wide">
      <table>
        <tr>
          <th>Status</th>
          <th>Meaning</th>
          <th>Body</th>
        </tr>
        ${Object.entries(operation.responses).map(
          ([status, { description, content }]) =>
            html`<tr>
              <td>${status}</td>
              <td>${withCode(description)}</td>
              <td>${Object.values(content ?? {}).map(({ schema }) => typeHtml(schema))}</td>
            </tr>`,
        )}
      </table>
    </div>
    ${successHtml(operation, api)}
    <h3>As a command</h3>
    ${copyable(curlCommand(placed, api))}
  </details>`;
}

function parametersHtml(parameters: PlacedOperation['operation']['parameters']): Html {
  if (parameters.length === 0) return html``;
  return html`<h3>Parameters</h3>
    <div class="wide">
      <table>
        <tr>
          <th>Name</th>
          <th>In</th>
          <th>Type</th>
          <th>Meaning</th>
        </tr>
        ${parameters.map(
          ({ name, in: place, required, description, schema = {} }) =>
            html`<tr>
              <td><code>${name}</code>${required && html` <small>required</small>`}</td>
              <td>${place}</td>
              <td>${typeHtml(schema)}<br /><small>${limits(schema)}</small></td>
              <td>${withCode(description ?? '')}</td>
            </tr>`,
        )}
      </table>
    </div>`;
}

function bodyHtml({ requestBody }: PlacedOperation['operation'], api: ApiDocument): Html {
  if (!requestBody) return html``;
  const example = exampleOf(requestBody.content, api);
  const [content] = Object.values(requestBody.content);
  return html`<h3>Body</h3>
    <p>
      ${Object.keys(requestBody.content).map((type) => html`<code>${type}</code> `)}${content && typeHtml(content.schema)}
    </p>
    ${content && fieldsHtml(resolved(content.schema, api))}${example && copyable(example.text)}`;
}

function successHtml({ responses }: PlacedOperation['operation'], api: ApiDocument): Html {
  const [status, answer] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? [];
  const example = answer?.content && exampleOf(answer.content, api);
  if (!example) return html``;
  return html`<details>
    <summary>Example of a ${status} answer</summary>
    ${copyable(example.text)}
  </details>`;
}

function copyable(text: string): Html {
  return html`<div class="copyable">
    <button type="button" hidden>Copy</button>
    <pre>${text}</pre>
  </div>`;
}

function problemsHtml(problems: Readonly<Record<string, { status: number; title: string }>>): Html {
  return html`<section>
    <h2 id="problems">Problems</h2>
    <p>The <code>type</code> of a problem answer links to its row.</p>
    <div class="wide">
      <table>
        <tr>
          <th>Code</th>
          <th>Status</th>
          <th>Meaning</th>
        </tr>
        ${Object.entries(problems).map(
          ([code, { status, title }]) =>
            html`<tr class="item" id="${code}">
              <td><code>${code}</code></td>
              <td>${status}</td>
              <td>${title}</td>
            </tr>`,
        )}
      </table>
    </div>
  </section>`;
}

function schemasHtml(api: ApiDocument): Html {
  return html`<section>
    <h2 id="schemas">Schemas</h2>
    ${Object.entries(api.components.schemas).map(
      ([name, schema]) =>
        html`<details class="item" id="schema-${anchor(name)}">
          <summary><code>${name}</code></summary>
          ${prose(schema.description ?? '')}
          <p>${typeHtml(schema)} <small>${limits(schema)}</small></p>
          ${fieldsHtml(schema)}
        </details>`,
    )}
  </section>`;
}
