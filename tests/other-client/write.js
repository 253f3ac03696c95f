// SPDX-License-Identifier: GPL-2.0-or-later
// Writes a repository with @tufjs/models: metadata, canonical JSON and delegations are theirs; keys
// and signatures are Node's.
// usage: node write.js KIND DIRECTORY       writes DIRECTORY/1.root.json, ..., DIRECTORY/targets/
//
// Every role has three keys, one of each kind, and a threshold of two: the first two sign. Targets
// are "alpha/one.bin" to "alpha/nine.bin", with their name as content.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const models = require('@tufjs/models');
const { Delegations } = require('@tufjs/models/dist/delegations');
const { DelegatedRole, Role, SuccinctRoles } = require('@tufjs/models/dist/role');

const [kind, directory] = process.argv.slice(2);
const expires = new Date(Date.now() + 30 * 86400000).toISOString().replace(/\.\d+/, '');
const common = { specVersion: '1.0.31', expires };
const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const targetPaths = words.map((word) => `alpha/${word}.bin`);

const keyKinds = [
  { type: 'ed25519', scheme: 'ed25519', make: () => crypto.generateKeyPairSync('ed25519') },
  {
    type: 'ecdsa', scheme: 'ecdsa-sha2-nistp256',
    make: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  },
  {
    type: 'rsa', scheme: 'rsassa-pss-sha256',
    make: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  },
];

// Keyids are not hashes: the specification leaves them to the repository.
function makeKey(name, { type, scheme, make }) {
  const { publicKey, privateKey } = make();
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const text = type === 'ed25519'
    ? der.subarray(-32).toString('hex')
    : publicKey.export({ type: 'spki', format: 'pem' });
  const key = new models.Key({
    keyID: `${name}-${type}`, keyType: type, scheme, keyVal: { public: text },
  });
  return { key, privateKey, scheme };
}

function makeKeys(name) {
  const first = words.indexOf(name) >= 0 ? 0 : name.length % 3;
  return [0, 1, 2].map((i) => makeKey(name, keyKinds[(first + i) % 3]));
}

const signature = {
  ed25519: (data, key) => crypto.sign(null, data, key),
  'ecdsa-sha2-nistp256': (data, key) => crypto.sign('sha256', data, key),
  'rsassa-pss-sha256': (data, key) => crypto.sign('sha256', data, {
    key,
    padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
    saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST,
  }),
};

function signed(object, keys) {
  const metadata = new models.Metadata(object);
  for (const { key, privateKey, scheme } of keys) {
    metadata.sign((data) => new models.Signature({
      keyID: key.keyID, sig: signature[scheme](data, privateKey).toString('hex'),
    }));
  }
  return Buffer.from(JSON.stringify(metadata.toJSON(), null, 1));
}

function put(name, bytes) {
  const file = path.join(directory, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
}

const consistent = kind !== 'plain';
const put_role = (name, version, bytes) =>
  put((consistent ? `${version}.` : '') + encodeURIComponent(name) + '.json', bytes);
const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
const role = (keys, threshold) => new Role({ keyIDs: keys.map(({ key }) => key.keyID), threshold });
const two = (keys) => keys.slice(0, 2);

function target(name) {
  const bytes = Buffer.from(`${name}\n`), hash = sha256(bytes);
  const { dir, base } = path.parse(name);
  put(path.join('targets', dir, consistent ? `${hash}.${base}` : base), bytes);
  return new models.TargetFile({ path: name, length: bytes.length, hashes: { sha256: hash } });
}

// The delegated roles, each with its targets: [{ name, signers, targets, delegations }].
function targetsOf(paths) {
  return Object.fromEntries(paths.map((name) => [name, target(name)]));
}

const keysOf = (...lists) => Object.fromEntries(lists.flat().map(({ key }) => [key.keyID, key]));
const ids = (keys) => keys.map(({ key }) => key.keyID);

// Four bins by the first digit of the hash of the path, below a role that asks for its own prefix.
function prefixes() {
  const bins = makeKeys('bins'), outer = makeKeys('outer');
  const roles = [0, 1, 2, 3].map((i) => new DelegatedRole({
    name: `bin-${i}`, keyIDs: ids(bins), threshold: 2, terminating: i === 3,
    pathHashPrefixes: [0, 1, 2, 3].map((digit) => (4 * i + digit).toString(16)),
  }));
  const inner = new Delegations({
    keys: keysOf(bins), roles: Object.fromEntries(roles.map((r) => [r.name, r])),
  });
  const all = new DelegatedRole({
    name: 'alpha only', keyIDs: ids(outer), threshold: 2, terminating: true, paths: ['alpha/*.bin'],
  });
  return {
    delegations: new Delegations({ keys: keysOf(outer), roles: { [all.name]: all } }),
    files: [
      { name: all.name, keys: outer, targets: {}, delegations: inner },
      ...roles.map((r) => ({
        name: r.name, keys: bins, targets: targetsOf(targetPaths.filter((p) => r.isDelegatedPath(p))),
      })),
    ],
  };
}

function succinct() {
  const keys = makeKeys('bins');
  const bins = new SuccinctRoles({ keyIDs: ids(keys), threshold: 2, bitLength: 5, namePrefix: 'b' });
  const names = [...bins.getRoles()];
  return {
    delegations: new Delegations({ keys: keysOf(keys), succinctRoles: bins }),
    files: names.map((name) => ({
      name, keys, targets: targetsOf(targetPaths.filter((p) => bins.getRoleForTarget(p) === name)),
    })),
  };
}

// A role whose name must be quoted in its file's name, without consistent snapshots.
function plain() {
  const keys = makeKeys('odd');
  const odd = new DelegatedRole({
    name: 'a/b c?ö', keyIDs: ids(keys), threshold: 2, terminating: false, paths: ['*/*'],
  });
  return {
    delegations: new Delegations({ keys: keysOf(keys), roles: { [odd.name]: odd } }),
    files: [{ name: odd.name, keys, targets: targetsOf(targetPaths) }],
  };
}

const { delegations, files } = { prefixes, succinct, plain }[kind]();
const keys = Object.fromEntries(
  ['root', 'timestamp', 'snapshot', 'targets'].map((name) => [name, makeKeys(name)]));
const newRootKeys = makeKeys('newroot');

function root(version, rootKeys) {
  const roles = Object.fromEntries(Object.keys(keys).map(
    (name) => [name, role(name === 'root' ? rootKeys : keys[name], 2)]));
  return new models.Root({
    ...common, version, consistentSnapshot: consistent, roles,
    keys: keysOf(rootKeys, keys.timestamp, keys.snapshot, keys.targets),
  });
}

put('1.root.json', signed(root(1, keys.root), two(keys.root)));
// The second root hands over to keys of which other two sign.
put('2.root.json', signed(root(2, newRootKeys), [...keys.root.slice(1), ...newRootKeys.slice(1)]));
put('3.root.json', signed(root(3, newRootKeys), two(newRootKeys)));

const meta = {};
for (const file of files) {
  const bytes = signed(new models.Targets({
    ...common, version: 4, targets: file.targets, delegations: file.delegations,
  }), file.keys.slice(1));
  put_role(file.name, 4, bytes);
  meta[`${file.name}.json`] = new models.MetaFile({ version: 4 });
}
const targets = signed(new models.Targets({ ...common, version: 5, targets: {}, delegations }),
  two(keys.targets));
put_role('targets', 5, targets);
meta['targets.json'] = new models.MetaFile({
  version: 5, length: targets.length, hashes: { sha256: sha256(targets) },
});
const snapshot = signed(new models.Snapshot({ ...common, version: 6, meta }), two(keys.snapshot));
put_role('snapshot', 6, snapshot);
put('timestamp.json', signed(new models.Timestamp({
  ...common, version: 7,
  snapshotMeta: new models.MetaFile({
    version: 6, length: snapshot.length, hashes: { sha256: sha256(snapshot) },
  }),
}), two(keys.timestamp)));
