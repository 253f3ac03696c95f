/* SPDX-License-Identifier: GPL-2.0-or-later */
/* button[data-copy="ID"]: the text of that element into the clipboard; hidden where there is none. */
import { afterRefresh } from "./refresh.js";

function show() {
	for (const button of document.querySelectorAll("button[data-copy][hidden]"))
		button.hidden = !navigator.clipboard;
}

export function startCopy() {
	document.addEventListener("click", async (event) => {
		const button = event.target.closest("button[data-copy]");
		const from = button && document.getElementById(button.dataset.copy);

		if (!from)
			return;
		const word = button.textContent;

		await navigator.clipboard.writeText(from.value ?? from.textContent.trim());
		button.textContent = "Copied";
		setTimeout(() => { button.textContent = word; }, 2000);
	});
	afterRefresh(show);
	show();
}
