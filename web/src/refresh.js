/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same page once more, and what changed in it changed in place: focus, what is being typed, what is open or
 * selected stay. The newest request wins; an older one is given up.
 */
import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";

/* The one place where text becomes markup: an answer of our own server, made by its templates. */
const policy = window.trustedTypes
	? window.trustedTypes.createPolicy("oakum", { createHTML: (text) => text })
	: { createHTML: (text) => text };

const main = document.getElementById("main");
const after = [];
let running;

/* @what: called after each change, to do again what was done to elements that are new. */
export function afterRefresh(what) {
	after.push(what);
}

function isEdited(node) {
	if (node === document.activeElement && node.matches("input, select, textarea"))
		return true;
	return node.matches("input, textarea") && node.type !== "hidden" && node.value !== node.defaultValue;
}

/* What the person has opened, typed or chosen, and what scripts have put there, is not the server's. */
const callbacks = {
	beforeNodeMorphed(old, fresh) {
		if (!(old instanceof Element) || !(fresh instanceof Element))
			return true;
		if (old.hasAttribute("data-keep") || (old.matches("dialog[open]")))
			return false;
		if (old.matches("details"))
			fresh.open = old.open;
		return !isEdited(old);
	},
	beforeNodeRemoved(node) {
		return !(node instanceof Element && (node.hasAttribute("data-keep") || node.matches("dialog[open]")));
	},
};

function put(text) {
	const fresh = new DOMParser().parseFromString(policy.createHTML(text), "text/html");

	Idiomorph.morph(main, [...fresh.body.childNodes], {
		morphStyle: "innerHTML",
		ignoreActiveValue: true,
		callbacks,
	});
	after.forEach((what) => what());
}

/* Resolves to true once the page shows what the server says now; false: another request was newer. */
export async function refresh(url = location.href) {
	running?.abort();
	const mine = new AbortController();

	running = mine;
	try {
		const answer = await fetch(url, { headers: { "Oakum-Part": "main" }, signal: mine.signal });

		/* Signed out, or led elsewhere: the whole page tells why. */
		if (answer.redirected || answer.status === 401) {
			location.reload();
			return false;
		}
		const text = await answer.text();

		if (mine.signal.aborted || !answer.headers.get("Content-Type")?.startsWith("text/html"))
			return false;
		put(text);
		return true;
	} catch (error) {
		if (error.name === "AbortError")
			return false;
		throw error;
	}
}
