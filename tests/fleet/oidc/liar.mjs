// SPDX-License-Identifier: GPL-2.0-or-later
// A provider that lies on demand: liar.mjs. Prints its issuer. GET /lie?NAME chooses how its next tokens are wrong; GET
// /authorize sends the browser straight back. GET /count tells how often its keys were fetched.
import http from 'node:http'
import crypto from 'node:crypto'

const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
const other = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
const b64 = data => Buffer.from(data).toString('base64url')
const codes = new Map()
let lie = '', keysRead = 0, issuer, signed = 0

const rs = (text, key = privateKey) => crypto.sign('sha256', Buffer.from(text), key)
const hs = key => text => crypto.createHmac('sha256', key).update(text).digest()
const es = text => crypto.sign('sha256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' })
const now = () => Math.floor(Date.now() / 1000)
const pem = publicKey.export({ type: 'spki', format: 'pem' })

// What is changed of a good token: header, claims, the function that signs.
const lies = {
	'': () => ({}),
	'alg-none': () => ({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) }),
	'alg-none-with-signature': () => ({ header: { alg: 'none' } }),
	'alg-None': () => ({ header: { alg: 'NonE' }, sign: () => Buffer.alloc(0) }),
	'hs256-with-the-public-key': () => ({ header: { alg: 'HS256' }, sign: hs(pem) }),
	'hs256-with-the-client-secret': () => ({ header: { alg: 'HS256' }, sign: hs('secret') }),
	'another-key': () => ({ sign: t => rs(t, other.privateKey) }),
	'another-key-in-the-header': () => ({ header: { jwk: other.publicKey.export({ format: 'jwk' }) }, sign: t => rs(t, other.privateKey) }),
	'keys-elsewhere': () => ({ header: { jku: issuer + '/other-keys', kid: 'other' }, sign: t => rs(t, other.privateKey) }),
	'kid-is-a-path': () => ({ header: { kid: '../../../../../../dev/null' }, sign: hs('') }),
	'kid-is-a-path-rs': () => ({ header: { kid: '../../../dev/null' } }),
	'kid-is-sql': () => ({ header: { kid: "x' UNION SELECT 'a" } }),
	'kid-unknown': () => ({ header: { kid: 'gone' } }),
	'kid-of-another-type': () => ({ header: { kid: 'ec' } }),
	'es256-with-the-rsa-kid': () => ({ header: { alg: 'ES256' }, sign: es }),
	'es256-zero': () => ({ header: { alg: 'ES256', kid: 'ec' }, sign: () => Buffer.alloc(64) }),
	'encryption-key': () => ({ header: { kid: 'enc' } }),
	'crit': () => ({ header: { crit: ['exp'] } }),
	'access-token-type': () => ({ header: { typ: 'at+jwt' } }),
	'claims-changed': () => ({ after: t => t.replace(/\.[^.]*\./, m => '.' + b64(JSON.stringify({ ...JSON.parse(Buffer.from(m.slice(1, -1), 'base64url')), sub: 'root' })) + '.') }),
	'no-signature': () => ({ after: t => t.slice(0, t.lastIndexOf('.') + 1) }),
	'other-issuer': () => ({ claims: { iss: 'https://evil.example' } }),
	'issuer-with-slash': () => ({ claims: { iss: issuer + '/' } }),
	'other-audience': () => ({ claims: { aud: 'somebody-else' } }),
	'two-audiences': () => ({ claims: { aud: ['oakum', 'somebody-else'] } }),
	'other-azp': () => ({ claims: { aud: ['oakum', 'x'], azp: 'x' } }),
	'no-audience': () => ({ claims: { aud: undefined } }),
	'expired': () => ({ claims: { exp: now() - 61, iat: now() - 400 } }),
	'no-expiry': () => ({ claims: { exp: undefined } }),
	'expiry-as-text': () => ({ claims: { exp: String(now() + 300) } }),
	'from-the-future': () => ({ claims: { iat: now() + 300 } }),
	'not-yet': () => ({ claims: { nbf: now() + 300 } }),
	'other-nonce': () => ({ claims: { nonce: 'x'.repeat(43) } }),
	'no-nonce': () => ({ claims: { nonce: undefined } }),
	'no-subject': () => ({ claims: { sub: undefined } }),
	'long-subject': () => ({ claims: { sub: 'x'.repeat(256) } }),
	'huge': () => ({ claims: { junk: 'x'.repeat(20000) } }),
	'name-of-somebody': () => ({ claims: { sub: 'impostor', preferred_username: 'root' } }),
	'name-with-script': () => ({ claims: { sub: 'script', preferred_username: '<script>alert(1)</script>' } }),
	'no-group': () => ({ claims: { groups: ['others'] } }),
	'group-in-a-text': () => ({ claims: { groups: 'staff,admins' } }),
	'not-a-token': () => ({ after: () => 'abc' }),
	'no-token': () => ({ after: () => undefined }),
}

function token(nonce) {
	const how = (lies[lie] || lies[''])()
	const header = { alg: 'RS256', kid: 'one', typ: 'JWT', ...how.header }
	const claims = { iss: issuer, aud: 'oakum', sub: 'mallory', preferred_username: 'mallory', groups: ['staff'],
		exp: now() + 300, iat: now(), nonce, ...how.claims }
	const text = b64(JSON.stringify(header)) + '.' + b64(JSON.stringify(claims))
	const whole = text + '.' + b64((how.sign || rs)(text))
	signed++
	return how.after ? how.after(whole) : whole
}

const json = (res, o, status = 200) => { res.writeHead(status, { 'Content-Type': 'application/json' }); res.end(JSON.stringify(o)) }
const server = http.createServer((req, res) => {
	const at = new URL(req.url, issuer)
	const go = {
		'/.well-known/openid-configuration': () => json(res, { issuer, authorization_endpoint: issuer + '/authorize', token_endpoint: issuer + '/token', jwks_uri: issuer + '/keys' }),
		'/keys': () => { keysRead++; json(res, { keys: [
			{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' },
			{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec' },
			{ ...publicKey.export({ format: 'jwk' }), kid: 'enc', use: 'enc' },
			{ kty: 'oct', k: b64('secret'), kid: 'oct' }] }) },
		'/other-keys': () => json(res, { keys: [{ ...other.publicKey.export({ format: 'jwk' }), kid: 'other' }] }),
		'/lie': () => { lie = at.search.slice(1); json(res, { known: lie in lies }) },
		'/lies': () => json(res, Object.keys(lies)),
		'/count': () => json(res, { keys: keysRead, tokens: signed }),
		'/authorize': () => {
			const code = crypto.randomBytes(8).toString('hex'), to = new URL(at.searchParams.get('redirect_uri'))
			codes.set(code, at.searchParams.get('nonce'))
			to.searchParams.set('code', code)
			to.searchParams.set('state', at.searchParams.get('state'))
			res.writeHead(303, { Location: to.href })
			res.end()
		},
		// Codes are good for ever here: whether one is taken twice is Oakum's part.
		'/token': () => {
			let body = ''
			req.on('data', d => { body += d }).on('end', () => json(res, { access_token: 'x', token_type: 'Bearer', id_token: token(codes.get(new URLSearchParams(body).get('code'))) }))
		},
	}[at.pathname]
	go ? go() : json(res, { error: 'not_found' }, 404)
})
await new Promise(done => server.listen(0, '127.0.0.1', done))
issuer = `http://127.0.0.1:${server.address().port}`
console.log(issuer)
process.stdin.on('end', () => process.exit(0)).resume()
