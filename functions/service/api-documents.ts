/** Makes the description of the API, which takes too long to be made while requests wait: the build does it. */
import { type ApiDescription, openApiDocument } from '../../shared/http/openapi';
import type { Operation } from '../../shared/http/operation';
import { PROBLEMS } from '../../shared/problem';
import { docsPage } from './docs-page/docs-page';
import { API_PAGE, OPENAPI_DOCUMENT, PUBLIC_URL_PLACEHOLDER } from './package-docs';

/** The texts by file name: the OpenAPI document and its page, with the placeholder as the URL of the service. */
export function apiDocuments(
  operations: readonly Operation[],
  describeApi: (publicUrl: string) => ApiDescription,
): Record<string, string> {
  const document = openApiDocument(operations, describeApi(PUBLIC_URL_PLACEHOLDER));
  return { [OPENAPI_DOCUMENT]: JSON.stringify(document), [API_PAGE]: docsPage(document, PROBLEMS) };
}
