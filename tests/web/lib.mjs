/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server over a seeded fleet, people of each role who sign in with a browser, and what no page may do: an error on
 * the console, a request that fails, a violation of the policy, a page that a screen reader cannot read.
 *
 *	const server = await startServer({ hosts: 3 });
 *	await test("hosts are listed", async () => {
 *		const page = await signIn(server, "viewer");
 *		await page.goto("/hosts");
 *		...
 *		await looksRight(page, "hosts");
 *	});
 *	await finish();
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(process.env.WEB_MODULES ? join(process.env.WEB_MODULES, "here.js") : import.meta.url);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const build = process.env.BUILD, work = process.env.TMPDIR;
const program = join(build, "src/server/oakum-server"), seed = join(build, "tests/fleet/seed");
const servers = [];
let browser, failed = 0;

export const roles = ["viewer", "operator", "approver", "admin"];
export const password = "correct horse battery staple";

export function assert(truth, text) {
	if (!truth)
		throw new Error(text);
}

/* The pages of one test, and what each of them did wrong. */
let open = [];

export async function test(name, what) {
	open = [];
	try {
		await what();
		for (const { wrong } of open)
			assert(wrong.length === 0, wrong.join("\n"));
		console.log(`ok - ${name}`);
	} catch (error) {
		failed = 1;
		console.log(`not ok - ${name}\n${String(error.stack).replace(/^/gm, "#   ")}`);
		for (const { page, wrong } of open)
			console.log(`# at ${page.url()}\n${wrong.join("\n").replace(/^/gm, "#   ")}`);
	}
	for (const { context } of open)
		await context.close().catch(() => {});
	open = [];
}

export async function finish() {
	await browser?.close();
	for (const server of servers)
		await server.stop();
	process.exitCode = failed;
}

function run(command, args, input) {
	const done = spawnSync(command, args, { input, encoding: "utf8", maxBuffer: 1 << 28 });

	if (done.status !== 0)
		throw new Error(`${command} ${args.join(" ")}: ${done.stderr || done.error}`);
	return done.stdout;
}

async function untilStarted(child, log) {
	for (let i = 0; i < 600; i++) {
		const port = /event=server\.started .*port=(\d+)/.exec(log.text)?.[1];

		if (port)
			return port;
		if (child.exitCode !== null)
			break;
		await new Promise((done) => setTimeout(done, 50));
	}
	throw new Error(`the server does not start: ${log.text}`);
}

/*
 * @hosts: 0: none; @hostile: texts that try to become markup; @settings: further lines of its settings. Returns
 * { url, dir, token, program(...verb), api(method, path, body), stop() }; each role has a person of its name.
 */
export async function startServer({ hosts = 3, hostile = false, settings = "" } = {}) {
	const dir = join(work, `server-${servers.length}`), conf = join(dir, "server.conf");
	const database = `sqlite:${join(dir, "data/fleet.db")}`, secret = join(dir, "password");

	mkdirSync(join(dir, "data"), { recursive: true });
	writeFileSync(conf, `listen = 127.0.0.1:0\ndata = ${join(dir, "data")}\ndatabase = ${database}\n${settings}\n`);
	writeFileSync(secret, `${password}\n`, { mode: 0o600 });
	const verb = (...args) => run(program, [...args, "--settings", conf]);

	verb("init");
	if (hosts)
		run(seed, [database, String(hosts), ...(hostile ? ["--hostile"] : [])]);
	for (const role of roles)
		verb("user", "add", role, "--role", role, "--password-file", secret);
	const token = verb("token", "create", "tests", ...["read", "hosts", "rollouts", "admin"].flatMap((s) => ["--scope", s]))
		.match(/oakum-api-\S+/)[0].replace(/[",]+$/, "");
	const child = spawn(program, ["run", "--settings", conf], { stdio: ["ignore", "pipe", "pipe"] });
	const log = { text: "" }, ended = new Promise((done) => child.on("exit", done));

	child.stdout.on("data", (data) => { log.text += data; });
	child.stderr.on("data", (data) => { log.text += data; });
	const server = {
		dir, conf, token, log,
		file: join(dir, "data/fleet.db"),
		ca: join(dir, "data/tls.pem"),
		program: verb,
		stop: async () => { child.kill(); await ended; },
	};

	servers.push(server);
	server.url = `https://127.0.0.1:${await untilStarted(child, log)}`;
	/* By curl: fetch() would want to be told of the certificate when Node.js starts. */
	server.api = (method, path, body) => {
		const text = run("curl", ["-s", "--fail-with-body", "--cacert", server.ca, "-X", method, "-H", `Authorization: Bearer ${token}`,
			...(body === undefined ? [] : ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)]), `${server.url}${path}`]);

		return text ? JSON.parse(text) : null;
	};
	return server;
}

async function getBrowser() {
	browser ??= await chromium.launch({
		executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
		args: ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"],
	});
	return browser;
}

/* Answers of 400 and more are errors, unless the test says that it wants them: page.expected.push(403). */
function watch(page, wrong) {
	page.expected = [];
	page.on("console", (message) => {
		const status = /the server responded with a status of (\d+)/.exec(message.text())?.[1];

		if (["error", "warning"].includes(message.type()) && !(status && page.expected.includes(Number(status))))
			wrong.push(`console: ${message.text()}`);
	});
	page.on("pageerror", (error) => wrong.push(`script: ${error}`));
	page.on("requestfailed", (request) => {
		/* Given up by our own scripts, or by leaving the page. */
		if (request.failure()?.errorText !== "net::ERR_ABORTED")
			wrong.push(`request: ${request.url()}: ${request.failure()?.errorText}`);
	});
	page.on("response", (answer) => {
		if (answer.status() >= 400 && !page.expected.includes(answer.status()))
			wrong.push(`status: ${answer.status()} ${answer.url()}`);
	});
	return page.addInitScript(() => addEventListener("securitypolicyviolation", (event) =>
		console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
}

/* A page of nobody. Options: dark, width, height, script (false: without JavaScript). */
export async function visit(server, options = {}) {
	const { dark = false, width = 1280, height = 900, script = true } = options;
	const context = await (await getBrowser()).newContext({
		baseURL: server.url,
		ignoreHTTPSErrors: true,
		colorScheme: dark ? "dark" : "light",
		reducedMotion: "reduce",
		viewport: { width, height },
		javaScriptEnabled: script,
		...options.context,
	});
	const page = await context.newPage(), wrong = [];

	await watch(page, wrong);
	open.push({ page, wrong, context });
	return page;
}

/* A session as the server makes one, for tests whose subject is not signing in: 64 MiB of Argon2id each time is slow. */
function makeSession(server, name) {
	const secret = randomBytes(32).toString("base64url"), csrf = randomBytes(32).toString("base64url");
	const hash = createHash("sha256").update(secret).digest("hex"), now = Math.floor(Date.now() / 1000);

	run("sqlite3", ["-cmd", ".timeout 10000", server.file, `INSERT INTO sessions
		(id, secret, person, csrf, state, peer, agent, made_s, seen_s, proved_s)
		SELECT '${randomBytes(8).toString("hex")}', '${hash}', id, '${csrf}', 2, '127.0.0.1', 'tests', ${now}, ${now}, ${now}
		FROM users WHERE name = '${name}'`]);
	return secret;
}

/* A page of the person of that name (there is one for each role), signed in. */
export async function signIn(server, name, options = {}) {
	const page = await visit(server, options);

	await page.context().addCookies([{ name: "__Host-oakum", value: makeSession(server, name), url: server.url,
		secure: true, httpOnly: true, sameSite: "Lax" }]);
	return page;
}

/* The same by the form. */
export async function signInByForm(server, name, options = {}) {
	const page = await visit(server, options);

	await page.goto("/login");
	await page.fill("input[name=name]", name);
	await page.fill("input[name=password]", options.password || password);
	await Promise.all([page.waitForURL((url) => url.pathname !== "/login"), page.press("input[name=password]", "Enter")]);
	return page;
}

/* axe-core: no violation of WCAG 2.2 A and AA, nor of its best practices. */
export async function isAccessible(page, where) {
	await page.evaluate(axe);
	const found = await page.evaluate(() => axe.run(document, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	}));

	assert(found.violations.length === 0, `${where}: ${found.violations.map((v) =>
		`${v.id}: ${v.help}\n  ${v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200)).join("\n  ")}`).join("\n")}`);
}

async function fits(page, where) {
	const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

	assert(over <= 0, `${where}: the page is ${over} pixels wider than the screen`);
}

/* A picture, where PICTURES names a folder for them. */
export async function picture(page, name, options = {}) {
	if (!process.env.PICTURES)
		return;
	mkdirSync(process.env.PICTURES, { recursive: true });
	await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`), fullPage: true, ...options });
}

/* The page as it stands, in light and dark, on a wide and on a narrow screen; with pictures of each. */
export async function looksRight(page, name) {
	for (const width of [1280, 360]) {
		await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
		for (const colorScheme of ["light", "dark"]) {
			await page.emulateMedia({ colorScheme });
			/* Charts are drawn anew after a change of either. */
			await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
			await picture(page, `${name}-${width}-${colorScheme}`);
			await isAccessible(page, `${name}, ${width}, ${colorScheme}`);
		}
		await fits(page, `${name}, ${width}`);
	}
	await page.setViewportSize({ width: 1280, height: 900 });
	await page.emulateMedia({ colorScheme: "light" });
}

export function has(file) {
	return existsSync(file);
}
