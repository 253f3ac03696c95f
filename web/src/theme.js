/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Light or dark: what the browser prefers, until somebody chooses; kept in a cookie, so that the server's first byte knows. */
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function now() {
	return root.dataset.theme || (dark.matches ? "dark" : "light");
}

function name(button) {
	button.textContent = now() === "dark" ? "Light" : "Dark";
	button.setAttribute("aria-label", `Switch to ${now() === "dark" ? "light" : "dark"} colours`);
}

export function startTheme() {
	const button = document.getElementById("theme");

	if (!button)
		return;
	button.addEventListener("click", () => {
		root.dataset.theme = now() === "dark" ? "light" : "dark";
		document.cookie = `oakum-theme=${root.dataset.theme}; Path=/; Secure; SameSite=Lax; Max-Age=31536000`;
		name(button);
		dispatchEvent(new Event("oakum-theme"));
	});
	dark.addEventListener("change", () => { name(button); dispatchEvent(new Event("oakum-theme")); });
	name(button);
	button.hidden = false;
}
