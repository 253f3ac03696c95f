/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame around all pages, and the overview. */
import { assert, finish, looksRight, roles, signIn, startServer, test } from "./lib.mjs";

const server = await startServer({ hosts: Number(process.env.HOSTS || 300) });

for (const role of roles)
	await test(`${role}: the overview`, async () => {
		const page = await signIn(server, role);

		await page.goto("/");
		assert(await page.textContent("h1") === "Overview", "its head");
		if (role === "operator")
			await looksRight(page, "overview");
	});

await finish();
