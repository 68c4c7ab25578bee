/** Errors of templates and expressions, with Resource Manager's messages. */

export const EXPRESSION_HELP = 'Please see https://aka.ms/arm-template-expressions for usage details.';

/** An expression that cannot be parsed or evaluated. */
export class ExpressionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ExpressionError';
  }
}

/** A template that is refused before anything is deployed. `message` is the text within the quotes of the answer. */
export class TemplateError extends Error {
  constructor(
    message: string,
    readonly code = 'InvalidTemplate',
  ) {
    super(message);
    this.name = 'TemplateError';
  }
}

/** Runs `work`, and prefixes the error of a failing expression with its context. */
export function describing<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new TemplateError(`The template ${what} is not valid: ${error.message}. ${EXPRESSION_HELP}`);
  }
}
