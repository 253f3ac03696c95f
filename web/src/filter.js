/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * form.filters: the list below follows as you type; the address says what is shown. Its button is for browsers
 * without this.
 */
import { refresh } from "./refresh.js";

const CALM_MS = 40;
let timer;

function addressOf(form) {
	const url = new URL(form.getAttribute("action") || location.pathname, location.href);

	for (const [name, value] of new FormData(form))
		if (value !== "")
			url.searchParams.append(name, value);
	return url;
}

function apply(form) {
	const url = addressOf(form);

	history.replaceState(null, "", url);
	form.setAttribute("aria-busy", "true");
	refresh(url.href).catch(() => location.assign(url)).finally(() => form.removeAttribute("aria-busy"));
}

function isFilter(target) {
	return target.form?.matches("form.filters[method=get], form.filters:not([method])") ? target.form : null;
}

export function startFilters() {
	document.addEventListener("input", (event) => {
		const form = isFilter(event.target);

		if (!form)
			return;
		clearTimeout(timer);
		timer = setTimeout(() => apply(form), event.target.matches("select, [type=checkbox]") ? 0 : CALM_MS);
	});
	document.addEventListener("submit", (event) => {
		if (!event.target.matches("form.filters:not([method]), form.filters[method=get]") || event.submitter?.name)
			return;
		event.preventDefault();
		clearTimeout(timer);
		apply(event.target);
	});
}
