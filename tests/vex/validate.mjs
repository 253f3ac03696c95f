// SPDX-License-Identifier: GPL-2.0-or-later
// Is a document valid by somebody else's reading? Prints what is not, a line each; exit 1.
//
//   node validate.mjs MODULES csaf FILE         schema and mandatory tests of CSAF 2.0
//   node validate.mjs MODULES cyclonedx FILE    the schema of CycloneDX 1.5
//   node validate.mjs MODULES purl TEXT...      type, namespace, name, version, architecture, as a purl library has them
//
// MODULES: the folder node_modules that has them.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { createRequire } from 'node:module'

const [modules, kind, ...args] = process.argv.slice(2)
const require = createRequire(modules + '/')
const load = (path) => import(pathToFileURL(`${modules}/${path}`))
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))

async function csaf(file) {
  const lib = '@secvisogram/csaf-validator-lib'
  const { default: validate } = await load(`${lib}/validate.js`)
  const tests = { ...(await load(`${lib}/schemaTests.js`)), ...(await load(`${lib}/mandatoryTests.js`)) }
  const result = await validate(Object.values(tests), json(file))
  const bad = result.tests.filter((t) => !t.isValid)
  return [Object.keys(tests).length, bad.flatMap((t) =>
    t.errors.length ? t.errors.slice(0, 5).map((e) => `${t.name}: ${e.instancePath} ${e.message}`) : [t.name])]
}

async function cyclonedx(file) {
  const Ajv = require('ajv'), formats = require('ajv-formats')
  const schemas = `${modules}/@cyclonedx/cyclonedx-library/res/schema`
  const ajv = new Ajv.default({ strict: false, allErrors: false })
  formats.default(ajv)
  ajv.addFormat('iri-reference', true) // not in ajv-formats
  ajv.addFormat('idn-email', true)
  // The library names its copies otherwise than they name themselves.
  for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json']) {
    const { $id, ...schema } = json(`${schemas}/${name}`)
    ajv.addSchema(schema, `http://cyclonedx.org/schema/${name}`)
  }
  const check = ajv.compile(json(`${schemas}/bom-1.5.SNAPSHOT.schema.json`))
  check(json(file))
  return [1, (check.errors ?? []).map((e) => `${e.instancePath} ${e.message}`)]
}

function purl(...texts) {
  const { PackageURL } = require('packageurl-js')
  for (const text of texts) {
    const { type, namespace, name, version, qualifiers } = PackageURL.fromString(text)
    console.log([type, namespace, name, version, qualifiers?.arch].join(' '))
  }
  return [texts.length, []]
}

const [count, errors] = await { csaf, cyclonedx, purl }[kind](...args)
for (const error of errors) console.log(error)
console.log(`${count} checks, ${errors.length} errors`)
process.exit(errors.length || !count ? 1 : 0)
