/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person waits for, over HOSTS hosts: lines "what<TAB>milliseconds<TAB>target". Paint is the browser's own first
 * contentful paint; a filter is from the key to the list that it changed.
 */
import { finish, signIn, startServer, test } from "./lib.mjs";

const hosts = Number(process.env.HOSTS || 100000), rounds = Number(process.env.RUNS || 7);
const server = await startServer({ hosts });

function median(list) {
	return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

async function paint(page, path) {
	await page.goto(path);
	return page.evaluate(() => new Promise((done) => new PerformanceObserver((list) =>
		done(list.getEntriesByName("first-contentful-paint")[0].startTime)).observe({ type: "paint", buffered: true })));
}

function tell(what, ms, target) {
	console.log(`@bench\t${what}\t${ms.toFixed(0)}\t<= ${target}`);
}

await test("measured", async () => {
	const page = await signIn(server, "viewer");

	for (const path of ["/", "/hosts", "/rollouts", "/cves", "/patches"]) {
		const times = [];

		for (let i = 0; i < rounds; i++)
			times.push(await paint(page, path));
		tell(`first paint of ${path}, ${hosts} hosts`, median(times), 1000);
	}
	const times = [];

	await page.goto("/hosts");
	for (let i = 0; i < rounds; i++) {
		const text = `web-a1-000${i}`;

		times.push(await page.evaluate((value) => new Promise((done) => {
			const field = document.querySelector("form.filters input[type=search]"), start = performance.now();

			new MutationObserver((_, observer) => { observer.disconnect(); done(performance.now() - start); })
				.observe(document.getElementById("main"), { childList: true, subtree: true, characterData: true });
			field.value = value;
			field.dispatchEvent(new Event("input", { bubbles: true }));
		}), text));
	}
	tell(`a filter of /hosts, ${hosts} hosts, from the key to the list`, median(times), 100);
});
await finish();
