/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * form[data-confirm="Take the level back from 1,200 hosts?"]: asked in a dialog before it is sent. The server asks for
 * what matters itself (a reason, a password): this is against the wrong click.
 */
const agreed = new WeakSet();

function make(text, word) {
	const dialog = document.createElement("dialog"), question = document.createElement("p");
	const actions = document.createElement("div");
	const no = document.createElement("button"), yes = document.createElement("button");

	dialog.setAttribute("aria-labelledby", "confirm-question");
	question.id = "confirm-question";
	question.textContent = text;
	actions.className = "actions";
	no.textContent = "Cancel";
	yes.textContent = word;
	yes.className = "danger";
	no.addEventListener("click", () => dialog.close("no"));
	yes.addEventListener("click", () => dialog.close("yes"));
	actions.append(no, yes);
	dialog.append(question, actions);
	document.body.append(dialog);
	return dialog;
}

export function startConfirm() {
	document.addEventListener("submit", (event) => {
		const form = event.target, button = event.submitter;
		const text = button?.dataset.confirm || form.dataset.confirm;

		if (!text || agreed.has(form))
			return;
		event.preventDefault();
		const dialog = make(text, button?.textContent.trim() || "Go on");

		dialog.addEventListener("close", () => {
			dialog.remove();
			if (dialog.returnValue !== "yes")
				return;
			agreed.add(form);
			form.requestSubmit(button?.form === form ? button : null);
			agreed.delete(form);
		});
		dialog.showModal();
	});
}
