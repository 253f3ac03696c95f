// SPDX-License-Identifier: GPL-2.0-or-later
// schemas.js SCHEMA DOCUMENT - does the document keep to the schema?
// SCHEMA is a file of ours (2020-12), in which a document of ours may have no member that is not
// described, or "sarif": the schema that comes with the SARIF kit for JavaScript (draft 4).
'use strict';
const fs = require('fs');
const formats = require('ajv-formats');

// Readers ignore what they do not know; we are to describe all that we write.
function close(schema) {
    if (schema && typeof schema === 'object') {
        if (schema.properties && schema.additionalProperties === undefined)
            schema.additionalProperties = false;
        Object.values(schema).forEach(close);
    }
    return schema;
}

function compile(name) {
    const options = { allErrors: true, strictTypes: false, strictRequired: false };
    const sarif = name === 'sarif';
    const Ajv = require(sarif ? 'ajv-draft-04' : 'ajv/dist/2020');
    const ajv = new (Ajv.default || Ajv)(sarif ? { ...options, strict: false, unicodeRegExp: false } : options);
    formats(ajv);
    const file = sarif ? require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') : name;
    const schema = JSON.parse(fs.readFileSync(file, 'utf8'));
    return ajv.compile(sarif ? schema : close(schema));
}

const validate = compile(process.argv[2]);
if (!validate(JSON.parse(fs.readFileSync(process.argv[3], 'utf8')))) {
    for (const e of validate.errors.slice(0, 20))
        console.error(`${e.instancePath || '/'}: ${e.message} ${JSON.stringify(e.params)}`);
    process.exit(1);
}
