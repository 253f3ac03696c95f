// SPDX-License-Identifier: GPL-2.0-or-later
// Serves a directory over HTTP on a free port of this machine, and writes the port to a file.
// usage: node serve.js DIRECTORY PORT-FILE
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');

const [directory, portFile] = process.argv.slice(2);

const server = http.createServer((request, response) => {
  // The path is not decoded: a role's name is quoted in its file's name too.
  fs.readFile(path.join(directory, path.normalize('/' + request.url)), (error, bytes) => {
    response.writeHead(error ? 404 : 200);
    response.end(error ? '' : bytes);
  });
});
server.listen(0, '127.0.0.1', () => {
  fs.writeFileSync(portFile + '.tmp', String(server.address().port));
  fs.renameSync(portFile + '.tmp', portFile);
});
