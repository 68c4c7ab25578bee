import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { inTurn } from './connection-turns';

it('closes the connection of a client that does not take its answer in time', async () => {
  const sizes: number[] = [];
  const server = createServer(
    inTurn((_request, response) => void response.end(Buffer.alloc(8_000_000)), {
      patienceMs: (bytes) => {
        sizes.push(bytes);
        return 100;
      },
    }),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: host\r\n\r\n');
  const [peer] = (await once(server, 'connection')) as [Socket];
  await once(peer, 'close');
  expect(sizes).toHaveLength(1);
  expect(sizes[0]).toBeGreaterThan(1_000_000);
  socket.destroy();
  server.close();
});
