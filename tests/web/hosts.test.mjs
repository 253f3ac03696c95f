/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts: the list, its filters and its table for other programs; one host, and what is done to it. */
import { assert, finish, looksRight, roles, signIn, startServer, test } from "./lib.mjs";

const server = await startServer({ hosts: Number(process.env.HOSTS || 3) });
const hosts = server.api("GET", "/api/v1/hosts").hosts;
const one = hosts.find((h) => h.kernel.release) || hosts[0];

const texts = (page, selector) => page.$$eval(selector, (all) => all.map((e) => e.textContent.trim()));

for (const role of roles)
	await test(`${role}: hosts and one host`, async () => {
		const page = await signIn(server, role);

		await page.goto("/hosts");
		assert((await texts(page, "tbody th a")).length === Math.min(hosts.length, 100), "a row for each host");
		if (role === "viewer")
			await looksRight(page, "hosts");
		await page.click(`#h-${one.id} th a`);
		assert(await page.textContent("h1") === (one.name || one.id), "its name is the head");
		assert((await page.locator("form[action$='/revoke']").count() > 0) === ["operator", "admin"].includes(role),
			"who may, has the forms, and nobody else");
		if (role === "admin")
			await looksRight(page, "host");
	});

await test("operator: a host is moved to another ring, without JavaScript", async () => {
	const page = await signIn(server, "operator", { script: false });

	await page.goto(`/hosts/${one.id}`);
	await page.fill("#c-ring", "elsewhere");
	await page.click("form[action$='/change'] button");
	assert((await page.textContent("main")).includes("elsewhere"), "its page says so");
	assert(server.api("GET", `/api/v1/hosts/${one.id}`).ring === "elsewhere", "and so does the API");
	await page.goto("/hosts?ring=elsewhere");
	assert((await texts(page, "tbody th a")).length === 1, "the filter finds it");
});

const hostile = await startServer({ hosts: 12, hostile: true });

await test("nothing that a host says becomes markup", async () => {
	const page = await signIn(hostile, "admin");
	const paths = ["/hosts", ...hostile.api("GET", "/api/v1/hosts").hosts.map((h) => `/hosts/${h.id}`)];

	page.on("dialog", (dialog) => { throw new Error(`a script ran: ${dialog.message()}`); });
	for (const path of paths) {
		await page.goto(path);
		assert(await page.locator("main script, main img, main iframe, main [onerror], main [onload], main a[href^='javascript:']").count() === 0, path);
	}
});

await finish();
