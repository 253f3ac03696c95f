/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all pages have: navigation, keys, themes, dialogs, what is told once; and what no page may do. */
import { assert, finish, isAccessible, looksRight, roles, signIn, startServer, test, visit } from "./lib.mjs";

const server = await startServer({ hosts: 3 });
const menu = {
	viewer: ["Overview", "Hosts", "Rollouts", "CVEs", "Patches", "Findings", "Settings"],
	operator: ["Overview", "Hosts", "Rollouts", "CVEs", "Patches", "Findings", "Enrolment", "Settings"],
	approver: ["Overview", "Hosts", "Rollouts", "CVEs", "Patches", "Findings", "Settings"],
	admin: ["Overview", "Hosts", "Rollouts", "CVEs", "Patches", "Findings", "Enrolment", "People", "Tokens", "Webhooks", "Audit log", "Settings"],
};

for (const role of roles)
	await test(`${role}: the menu has what the role may see, and each entry leads to a page`, async () => {
		const page = await signIn(server, role);

		await page.goto("/");
		const links = await page.locator("nav[aria-label=Main] a").all();
		const words = await Promise.all(links.map((a) => a.textContent()));

		assert(words.join() === menu[role].join(), words.join());
		for (const href of await Promise.all(links.map((a) => a.getAttribute("href")))) {
			const answer = await page.goto(href);

			assert(answer.status() === 200, `${href}: ${answer.status()}`);
			assert(await page.locator("nav[aria-label=Main] [aria-current=page]").count() === 1, `${href} is marked in the menu`);
			assert(await page.locator("h1").count() === 1, `${href} has one head`);
		}
	});

await test("whoever is not signed in comes to the sign-in", async () => {
	const page = await visit(server);

	await page.goto("/hosts");
	assert(new URL(page.url()).pathname === "/login", page.url());
	assert(await page.locator("nav").count() === 0, "no menu");
	await looksRight(page, "login");
});

await test("a page that is not there says so", async () => {
	const page = await signIn(server, "viewer");

	page.expected.push(404);
	assert((await page.goto("/hosts/00000000000000000000000000000000")).status() === 404, "its status");
	assert(await page.textContent("h1") === "There is no such page", "its head");
	await looksRight(page, "problem");
});

await test("keys lead to pages, and to the search", async () => {
	const page = await signIn(server, "viewer");

	await page.goto("/");
	await page.keyboard.press("g");
	await Promise.all([page.waitForURL("**/hosts"), page.keyboard.press("h")]);
	await page.keyboard.press("/");
	assert(await page.evaluate(() => document.activeElement.type) === "search", "the search has the focus");
	await page.keyboard.type("g o");
	assert(page.url().includes("/hosts"), "what is typed is no key");
	await page.evaluate(() => document.activeElement.blur());
	await page.keyboard.press("?");
	await page.waitForSelector("dialog[open]");
	await isAccessible(page, "the help");
	await page.keyboard.press("Escape");
	await page.waitForSelector("dialog", { state: "detached" });
});

await test("the page can be read by keyboard alone", async () => {
	const page = await signIn(server, "viewer");

	await page.goto("/");
	await page.keyboard.press("Tab");
	assert(await page.evaluate(() => document.activeElement.textContent) === "Skip to the content", "first, the way past the menu");
	await page.keyboard.press("Enter");
	assert(await page.evaluate(() => document.activeElement.id) === "main", "it leads to the content");
});

await test("a theme is kept, from the first byte on", async () => {
	const page = await signIn(server, "viewer");

	await page.goto("/");
	await page.click("#theme");
	assert(await page.getAttribute("html", "data-theme") === "dark", "it is dark");
	const answer = await page.goto("/hosts");

	assert((await answer.text()).includes('<html lang="en" data-theme="dark">'), "the server knows");
	await page.click("#theme");
	assert(await page.getAttribute("html", "data-theme") === "light", "it is light");
});

await test("a form that is being filled in survives what happens", async () => {
	const page = await signIn(server, "operator");

	await page.goto("/stop");
	await page.waitForSelector("#live[data-state=live]");
	const field = page.locator("main input:not([type=hidden]):not([type=checkbox]), main textarea").first();

	await field.fill("half a rea");
	const part = page.waitForResponse((r) => r.request().headers()["oakum-part"] === "main");

	server.api("POST", "/api/v1/rollouts", { name: "another", level: 5, channel: "stable", stages: [{ percent: 100 }] });
	await part;
	await page.waitForTimeout(100);
	assert(await field.inputValue() === "half a rea", `it has "${await field.inputValue()}"`);
	assert(await field.evaluate((e) => document.activeElement === e), "it has the focus");
});

await test("signing out is a form, and ends it", async () => {
	const page = await signIn(server, "viewer");

	await page.goto("/");
	await page.click("text=Sign out");
	await page.goto("/hosts");
	assert(new URL(page.url()).pathname === "/login", page.url());
});

await finish();
