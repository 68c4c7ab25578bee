import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { startTokenSource, type TokenSource } from './administrator-tokens';
import { bareNode, functionsLibrary, kernel, kernelServices } from './endpoints';
import { measuredBody, measuredOperation, measuredQuery } from './measured-operation';

let source: TokenSource;

beforeAll(async () => {
  source = await startTokenSource();
});

function message(token?: string): IncomingMessage {
  const { method, path } = measuredOperation;
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return Object.assign(new IncomingMessage(new Socket()), { method, url: path + measuredQuery, headers });
}

describe('the measured operation', () => {
  it('answers a verified administrator with 200, without any store', async () => {
    const answer = await kernel(kernelServices(source))(message(await source.token(1)), measuredBody);
    expect(answer.status).toBe(200);
  });

  it('answers 401 without a token, and to one of another issuer', async () => {
    const answer = kernel(kernelServices(source));
    expect(await answer(message(), measuredBody)).toMatchObject({ status: 401 });
    const foreign = await (await startTokenSource()).token(1);
    expect(await answer(message(foreign), measuredBody)).toMatchObject({ status: 401 });
  });

  it('answers just as those do that it is held against', async () => {
    const sent = message(await source.token(1));
    const answer = await kernel(kernelServices(source))(sent, measuredBody);
    expect(await bareNode(sent, measuredBody)).toEqual(answer);
    expect(await functionsLibrary(sent, measuredBody)).toEqual(answer);
  });

  it('verifies the signature each time when one token is remembered and they come in turn', async () => {
    const services = kernelServices(source, 1);
    const answer = kernel(services);
    for (const number of [1, 2, 1]) await answer(message(await source.token(number)), measuredBody);
    expect(services.tokens.remembered).toBe(1);
  });
});
