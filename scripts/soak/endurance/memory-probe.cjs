/**
 * Preloaded into every process of a stack: reports to clients of its socket what the process holds, after a
 * collection of garbage.
 */
'use strict';
const { createServer } = require('node:net');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

createServer((socket) => {
  // What the first collection finalizes, the second one frees.
  collectGarbage();
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const connections = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  socket.end(JSON.stringify({ rssBytes: rss, heapBytes: heapUsed + external, connections }));
})
  .listen(path.join(process.env.MEMORY_PROBES, `${process.pid}.sock`))
  .unref();
