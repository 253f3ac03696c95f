/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys: "g h" goes to the hosts, "/" searches, "?" tells what there is. None while something is typed. */
const places = {
	o: ["/", "Overview"], h: ["/hosts", "Hosts"], r: ["/rollouts", "Rollouts"], c: ["/cves", "CVEs"],
	p: ["/patches", "Patches"], f: ["/findings", "Findings"], a: ["/audit", "Audit log"],
};
let leader = 0;

function isTyping(target) {
	return target.closest("input, select, textarea, dialog, [contenteditable]") !== null;
}

function row(list, keys, text) {
	const dt = document.createElement("dt"), dd = document.createElement("dd");

	for (const key of keys) {
		const kbd = document.createElement("kbd");

		kbd.textContent = key;
		dt.append(kbd, " ");
	}
	dd.textContent = text;
	list.append(dt, dd);
}

function showHelp() {
	const dialog = document.createElement("dialog"), head = document.createElement("h2");
	const list = document.createElement("dl"), close = document.createElement("button");

	head.textContent = "Keys";
	head.id = "keys-head";
	dialog.setAttribute("aria-labelledby", head.id);
	list.className = "facts";
	for (const [key, [, word]] of Object.entries(places))
		row(list, ["g", key], word);
	row(list, ["/"], "Search");
	row(list, ["?"], "This help");
	close.textContent = "Close";
	close.addEventListener("click", () => dialog.close());
	dialog.addEventListener("close", () => dialog.remove());
	dialog.append(head, list, close);
	document.body.append(dialog);
	dialog.showModal();
}

/* Only where the navigation leads too: what the role may not see has no key. */
function go(key) {
	const place = places[key];

	if (place && document.querySelector(`nav a[href="${place[0]}"]`))
		location.assign(place[0]);
}

function press(event) {
	if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
		return;
	if (Date.now() - leader < 1500) {
		leader = 0;
		go(event.key);
	} else if (event.key === "g") {
		leader = Date.now();
	} else if (event.key === "/") {
		const search = document.querySelector("main input[type=search]");

		if (search) {
			event.preventDefault();
			search.focus();
			search.select();
		}
	} else if (event.key === "?") {
		showHelp();
	}
}

export function startKeys() {
	const help = document.getElementById("help");

	if (!help)
		return;
	help.hidden = false;
	help.addEventListener("click", showHelp);
	document.addEventListener("keydown", press);
}
