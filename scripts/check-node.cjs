/**
 * Ends this process with one clear line when Node is older than package.json allows: `node -r ./scripts/check-node.cjs …`.
 * Loaded before the program, which such a Node may not even be able to parse; hence in the oldest JavaScript.
 */
'use strict';

var required = require('../package.json').engines.node.replace('>=', '');

function isOlder(version, minimum) {
  var have = version.split('.').map(Number);
  var need = minimum.split('.').map(Number);
  for (var i = 0; i < need.length; i += 1) {
    if (have[i] !== need[i]) return have[i] < need[i];
  }
  return false;
}

if (isOlder(process.versions.node, required)) {
  console.error(
    'Node ' +
      required +
      ' or later is needed; this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').',
  );
  process.exit(1);
}
