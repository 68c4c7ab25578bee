import { storageOperation } from './operations';

const name = (service: 'blob' | 'queue', method: string, path: string) =>
  storageOperation(service, { method, path })?.name;

it.each([
  ['GET', '/?comp=list', 'List Containers'],
  ['GET', '/?restype=service&comp=properties', 'Get Blob Service Properties'],
  ['POST', '/?restype=service&comp=userdelegationkey', 'Get User Delegation Key'],
  ['HEAD', '/recordings?restype=container', 'Get Container Properties'],
  ['PUT', '/recordings?restype=container', 'Create Container'],
  ['GET', '/recordings?restype=container&comp=list&prefix=a', 'List Blobs'],
  ['HEAD', '/recordings/a/b.webm', 'Get Blob'],
  ['PUT', '/recordings/a/b.webm?comp=block&blockid=AA', 'Put Block'],
  ['PUT', '/recordings/a/b.webm?comp=blocklist&sp=cw&sig=x', 'Put Block List'],
  ['PUT', '/recordings/a?comp=appendblock', 'Append Block'],
  ['DELETE', '/recordings/a', 'Delete Blob'],
  ['PUT', '/recordings/a?comp=somethingelse', undefined],
])('blobs: %s %s is %s', (method, path, expected) => {
  expect(name('blob', method, path)).toBe(expected);
});

it.each([
  ['GET', '/?comp=list', 'List Queues'],
  ['GET', '/?restype=service&comp=properties', 'Get Queue Service Properties'],
  ['PUT', '/start-task', 'Create Queue'],
  ['HEAD', '/start-task?comp=metadata', 'Get Queue Metadata'],
  ['POST', '/start-task/messages?visibilitytimeout=5', 'Put Message'],
  ['GET', '/start-task/messages?numofmessages=16', 'Get Messages'],
  ['GET', '/start-task/messages?peekonly=true&numofmessages=1', 'Peek Messages'],
  ['DELETE', '/start-task/messages', 'Clear Messages'],
  ['DELETE', '/start-task/messages/1?popreceipt=a', 'Delete Message'],
  ['PUT', '/start-task/messages/1?popreceipt=a&visibilitytimeout=30', 'Update Message'],
  ['GET', '/a/b/c/d', undefined],
])('queues: %s %s is %s', (method, path, expected) => {
  expect(name('queue', method, path)).toBe(expected);
});
