// SPDX-License-Identifier: GPL-2.0-or-later
// openapi.js DOCUMENT ANSWERS - is the document OpenAPI 3.1, and do real answers keep to it?
// ANSWERS has a line for each: METHOD, path, status and the file of the body, with tabs between. Each
// route of the document must be among them, or it is an error as well.
'use strict';
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const Ajv = require('ajv/dist/2020');

const doc = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const bad = [];

// "/a/{b}/c" as a pattern.
const routes = Object.keys(doc.paths).map((p) => ({
    p,
    literal: !p.includes('{'),
    re: new RegExp('^' + p.replace(/[.]/g, '\\.').replace(/\{[^}]*\}/g, '[^/]+') + '$'),
}));
routes.sort((a, b) => b.literal - a.literal);

const ajv = new (Ajv.default || Ajv)({ allErrors: true, strict: false });
ajv.addSchema({ $id: 'oakum', components: doc.components });

function schemaOf(operation, status) {
    const r = operation.responses[status] || (status[0] === '2' && operation.responses['2XX']) ||
        operation.responses.default;
    const content = r && r.content && Object.values(r.content)[0];
    return content && content.schema.$ref;
}

async function main() {
    const file = path.join(process.env.NODE_PATH, '@seriousme/openapi-schema-validator/index.js');
    const { Validator } = await import(pathToFileURL(file));
    const result = await new Validator().validate(structuredClone(doc));
    if (!result.valid)
        bad.push(`not OpenAPI: ${JSON.stringify(result.errors).slice(0, 1000)}`);

    const seen = new Set();
    for (const line of fs.readFileSync(process.argv[3], 'utf8').split('\n').filter(Boolean)) {
        const [method, target, status, body] = line.split('\t');
        const route = routes.find((r) => r.re.test(target.split('?')[0]));
        const operation = route && doc.paths[route.p][method.toLowerCase()];
        if (!operation)
            continue;
        if (status[0] === '2')
            seen.add(`${method} ${route.p}`);
        const text = fs.readFileSync(body, 'utf8');
        const ref = schemaOf(operation, status);
        if (!ref) {
            if (text)
                bad.push(`${method} ${target} ${status}: has a body that is not described`);
            continue;
        }
        const validate = ajv.getSchema(`oakum${ref}`);
        if (!validate(JSON.parse(text)))
            bad.push(`${method} ${target} ${status}: ` + validate.errors.slice(0, 3)
                .map((e) => `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`).join('; '));
    }
    for (const [p, methods] of Object.entries(doc.paths))
        for (const m of Object.keys(methods))
            if (!seen.has(`${m.toUpperCase()} ${p}`) && !p.endsWith('/stream'))
                bad.push(`${m.toUpperCase()} ${p}: was never answered with success`);
    bad.slice(0, 30).forEach((b) => console.error(b));
    process.exit(bad.length ? 1 : 0);
}
main();
