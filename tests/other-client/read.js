// SPDX-License-Identifier: GPL-2.0-or-later
// Reads a repository with tuf-js, as oakum-tuf would: one "download".
// usage: node read.js STATE URL TARGETS-URL DIRECTORY TARGET...
// STATE holds the trusted root.json at first. Downloads are DIRECTORY/<target, / as %2F>.
'use strict';
const path = require('path');
const { Updater } = require('tuf-js');

const [metadataDir, metadataBaseUrl, targetBaseUrl, targetDir, ...targets] = process.argv.slice(2);

async function main() {
  const updater = new Updater({ metadataDir, metadataBaseUrl, targetDir, targetBaseUrl });
  await updater.refresh();
  for (const target of targets) {
    const info = await updater.getTargetInfo(target);
    if (!info) {
      throw new Error(`${target}: no such target`);
    }
    await updater.downloadTarget(info, path.join(targetDir, encodeURIComponent(target)));
  }
}

main().catch((error) => {
  console.error(`tuf-js: ${error.message}`);
  process.exit(1);
});
