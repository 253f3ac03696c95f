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

/* A month of samples takes a month: the table of them is put into the page on its way. */
await test("a table of numbers over time becomes a chart, and stays", async () => {
	const page = await signIn(server, "viewer"), heads = ["critical", "high", "medium", "low"], day = 86400;
	const rows = Array.from({ length: 30 }, (_, i) => `<tr><th scope="row" data-at="${1790000000 + i * day}">day ${i}</th>${
		heads.map((_, k) => `<td class="n" data-n="${(40 - i) * (k + 1)}">${(40 - i) * (k + 1)}</td>`).join("")}</tr>`);
	const section = `<section class="card" id="made"><h2>A month of exposure</h2><details><summary>As a table</summary><div class="table"><table id="made-table"
		data-chart="stack"><caption>Open CVEs</caption><thead><tr><th scope="col">At</th>${heads.map((h) =>
			`<th scope="col" data-tone="${h}">${h}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div></details></section>`;

	await page.route((url) => url.pathname === "/", async (route) => {
		const answer = await route.fetch();

		await route.fulfill({ response: answer, body: (await answer.text()).replace('<div class="cards facets">', `${section}$&`) });
	});
	await page.goto("/");
	await page.waitForSelector("#made .chart-box canvas");
	const ink = await page.evaluate(() => {
		const canvas = document.querySelector("#made .chart-box canvas");

		return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.filter((v, i) => i % 4 === 3 && v).length;
	});

	assert(ink > 10000, `it has ${ink} points of ink`);
	await page.click("#made summary");
	await page.waitForSelector("#made td:has-text('160')", { state: "visible" });
	await page.click("#theme");
	await page.waitForSelector("#made .chart-box canvas");
	await looksRight(page, "chart");
});

await finish();
