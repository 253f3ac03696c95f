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

await finish();
