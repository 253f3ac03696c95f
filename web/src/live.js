/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's events, of any type: each makes the page be fetched again, at most once a second. Nothing is asked
 * for while nobody looks. Reports of hosts are no events: the page is fetched each half minute too.
 */
import { refresh } from "./refresh.js";

const APART_MS = 1000, SLOW_MS = 30000, PATIENCE_MS = 60000;
const teller = document.getElementById("live");
let last = "", stream, due, refreshed = 0, wait = 1000;

function tell(state, text) {
	if (teller.dataset.state === state)
		return;
	teller.dataset.state = state;
	teller.textContent = text;
}

/* A form that is being filled in is not to be changed below its reader's hands. */
function isBusy() {
	return document.querySelector("dialog[open]") !== null;
}

function refreshSoon() {
	if (due)
		return;
	due = setTimeout(async () => {
		due = undefined;
		refreshed = Date.now();
		if (!document.hidden && !isBusy())
			await refresh().catch(() => {});
	}, Math.max(0, refreshed + APART_MS - Date.now()));
}

/* "id: 7", "event: host.failed", "data: ...", an empty line: that is an event; ": ..." is not. */
function take(block) {
	const id = /^id: ?(\d+)$/m.exec(block);

	if (!id)
		return;
	last = id[1];
	refreshSoon();
}

async function listen(signal) {
	const headers = { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) };
	const answer = await fetch("/api/v1/events/stream", { headers, signal });

	if (!answer.ok)
		throw new Error(String(answer.status));
	tell("live", "Live");
	wait = 1000;
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = "";

	for (;;) {
		const { value, done } = await reader.read();

		if (done)
			return;
		const blocks = (rest + value).split("\n\n");

		rest = blocks.pop();
		blocks.forEach(take);
	}
}

async function follow() {
	stream = new AbortController();
	const mine = stream.signal;

	while (!mine.aborted) {
		try {
			await listen(mine);
		} catch {
			/* It is told below, and tried again. */
		}
		if (mine.aborted)
			return;
		tell("reconnecting", "Reconnecting");
		await new Promise((done) => setTimeout(done, wait));
		wait = Math.min(2 * wait, PATIENCE_MS);
	}
}

function begin() {
	if (!document.hidden)
		follow();
}

function turn() {
	if (document.hidden) {
		stream?.abort();
		stream = undefined;
	} else if (!stream || stream.signal.aborted) {
		begin();
		refreshSoon();
	}
}

export function startLive() {
	if (!teller)
		return;
	refreshed = Date.now();
	document.addEventListener("visibilitychange", turn);
	addEventListener("pagehide", () => stream?.abort());
	addEventListener("pageshow", (event) => event.persisted && turn());
	setInterval(() => document.hidden || refreshSoon(), SLOW_MS);
	begin();
}
