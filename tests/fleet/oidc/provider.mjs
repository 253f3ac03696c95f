// SPDX-License-Identifier: GPL-2.0-or-later
// A real OpenID provider (npm oidc-provider) on loopback: provider.mjs REDIRECT [PORT]. Prints its issuer. People are
// who they say on its one page, with the groups that follow the name: "ada:admins,staff".
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import http from 'node:http'
import path from 'node:path'
import crypto from 'node:crypto'

const modules = process.env.NODE_PATH
const require = createRequire(path.join(modules, 'x.js'))
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href)
const [redirect, port] = process.argv.slice(2)
const { privateKey: rsa } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
const { privateKey: ed } = crypto.generateKeyPairSync('ed25519')
const { privateKey: ec } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = (key, kid, alg) => ({ ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' })
const server = http.createServer()
await new Promise(done => server.listen(Number(port || 0), '127.0.0.1', done))
const issuer = `http://127.0.0.1:${server.address().port}`
const people = new Map()
const client = (id, more) => ({
	client_id: id, client_secret: 'a secret: with & odd/letters+', redirect_uris: [redirect],
	post_logout_redirect_uris: [redirect.replace('/oidc/callback', '/login')], ...more,
})

const provider = new Provider(issuer, {
	clients: [
		client('oakum', {}),
		client('oakum-es', { id_token_signed_response_alg: 'ES256', token_endpoint_auth_method: 'client_secret_post' }),
		client('oakum-ed', { id_token_signed_response_alg: 'EdDSA' }),
	],
	jwks: { keys: [jwk(rsa, 'rsa', 'RS256'), jwk(ec, 'ec', 'ES256'), jwk(ed, 'ed', 'EdDSA')] },
	enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
	claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
	conformIdTokenClaims: false,
	pkce: { required: () => true, methods: ['S256'] },
	cookies: { keys: ['a key for tests'] },
	features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
	findAccount: (_, sub) => ({
		accountId: sub,
		claims: () => ({ sub, preferred_username: sub, groups: people.get(sub) || [] }),
	}),
	// Nobody is asked whether Oakum may know: it is the organisation's own.
	async loadExistingGrant(ctx) {
		const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId })
		grant.addOIDCScope('openid profile')
		await grant.save()
		return grant
	},
	interactions: { url: (_, i) => `/interaction/${i.uid}` },
})
provider.on('server_error', (_, e) => console.error(e))

async function interact(req, res) {
	if (req.method !== 'POST') {
		res.setHeader('Content-Type', 'text/html')
		return res.end('<!doctype html><html lang="en"><title>Provider</title><form method="post"><label>Who <input name="who"></label><button>Go on</button></form>')
	}
	let body = ''
	for await (const piece of req) body += piece
	const [name, groups] = (new URLSearchParams(body).get('who') || '').split(':')
	people.set(name, groups ? groups.split(',') : [])
	await provider.interactionFinished(req, res, { login: { accountId: name } })
}

const answer = provider.callback()
server.on('request', (req, res) => {
	if (!req.url.startsWith('/interaction/')) return answer(req, res)
	interact(req, res).catch(e => { res.statusCode = 500; res.end(String(e)) })
})
console.log(issuer)
process.stdin.on('end', () => process.exit(0)).resume()
