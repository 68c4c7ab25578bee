/** Checks answers against the served OpenAPI document: status, content type, body, and the code of a problem. */
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { problemFaults } from '../problem-answer';
import type { RawAnswer } from '../raw-request';
import type { ApiDocument, DescribedAnswer, PlacedOperation } from './api-document';

export class AnswerChecker {
  private readonly ajv = addFormats(new Ajv2020({ strict: false, allErrors: true, validateSchema: false }));

  constructor(document: ApiDocument) {
    this.ajv.addSchema(document, 'api');
  }

  /** Deviations of this answer from the document; empty when there are none. */
  faults(operation: PlacedOperation, answer: RawAnswer): string[] {
    const { status } = answer;
    const described = operation.responses[String(status)];
    if (status >= 500) return [`status ${status}`];
    if (!described) return [`status ${status} is not declared`];
    const isProblem = status >= 400;
    return [
      ...(isProblem ? this.problemFaults(described, answer) : []),
      ...this.contentFaults(operation, described, answer),
    ];
  }

  private problemFaults({ content = {}, description }: DescribedAnswer, answer: RawAnswer): string[] {
    const oauth = !('application/problem+json' in content);
    const found = problemFaults(answer, oauth);
    if (oauth || found.length > 0) return found;
    const { code } = JSON.parse(answer.text) as { code: string };
    return description.includes(`\`${code}\``) ? [] : [`code ${code} is not declared for ${answer.status}`];
  }

  private contentFaults(
    operation: PlacedOperation,
    { content }: DescribedAnswer,
    answer: RawAnswer,
  ): string[] {
    const { status, headers, text } = answer;
    if (!content) return text === '' ? [] : [`status ${status} has a body, and none is declared`];
    const sent = (headers['content-type'] ?? '').replace(/; *charset=utf-8$/, '');
    const type = Object.keys(content).find((declared) => declared.replace(/; *charset=utf-8$/, '') === sent);
    if (type === undefined) return [`content type ${sent} is not declared for ${status}`];
    if (!/json$/.test(sent)) return [];
    const validate = this.validator([
      'paths',
      operation.path,
      operation.method.toLowerCase(),
      'responses',
      String(status),
      'content',
      type,
      'schema',
    ]);
    return validate(JSON.parse(text)) ? [] : [`status ${status}: ${this.ajv.errorsText(validate.errors)}`];
  }

  /** Ajv remembers what it has compiled. */
  private validator(place: string[]): ValidateFunction {
    const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
    const found = this.ajv.getSchema(`api#/${pointer.join('/')}`);
    if (!found) throw new Error(`The document has no schema at ${place.join(' ')}`);
    return found;
  }
}
