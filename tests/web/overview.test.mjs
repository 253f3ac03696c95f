/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The overview: what each role sees of it, and that it follows what happens. */
import { assert, finish, looksRight, roles, signIn, startServer, test } from "./lib.mjs";

const server = await startServer({ hosts: Number(process.env.HOSTS || 300) });

for (const role of roles)
	await test(`${role}: the overview`, async () => {
		const page = await signIn(server, role);

		await page.goto("/");
		assert(await page.textContent("h1") === "Overview", "its head");
		assert(await page.locator(".figures > div").count() >= 5, "its figures");
		assert(await page.isVisible("text=CVE-2026-31180 in production"), "what moves");
		assert(await page.locator("a[href='/rollouts/new'], .side-foot a").count() === (["operator", "admin"].includes(role) ? 1 : 0),
			"the emergency stop is for those who may");
		if (role === "operator")
			await looksRight(page, "overview");
	});

await test("its numbers lead to the hosts they count", async () => {
	const page = await signIn(server, "viewer");

	await page.goto("/");
	await page.click(".figures div:has-text('Critical hosts') dd:not(.note) a");
	assert(page.url().endsWith("/hosts?verdict=critical"), page.url());
});

await test("it is useful without JavaScript", async () => {
	const page = await signIn(server, "viewer", { script: false });

	await page.goto("/");
	assert(await page.isVisible("text=Needs attention") && await page.isVisible(".stages"), "what is there");
	await page.click("nav >> text=Rollouts");
	assert(await page.textContent("h1") === "Rollouts", "the menu leads on");
});

await test("an event is seen without a reload", async () => {
	const page = await signIn(server, "viewer");

	await page.goto("/");
	await page.waitForSelector("#live[data-state=live]");
	await page.evaluate(() => { window.mark = true; });
	server.api("POST", "/api/v1/stop", { why: "a level hurts <b>" });
	await page.waitForSelector(".stopped:has-text('a level hurts <b>')");
	await looksRight(page, "stopped");
	server.api("DELETE", "/api/v1/stop");
	await page.waitForSelector(".stopped", { state: "detached" });
	assert(await page.evaluate(() => window.mark), "the page was not loaded again");
});

await finish();
