/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/kmsg-watch.h"

#include <stdio.h>
#include <string.h>

#define COMM_MAX 15 /* bytes that a process may choose at the beginning of a line */

/* Where the last line is. */
enum splat_end {
	END_MARK, /* "---[ end trace" */
	END_TASK, /* "</TASK>", and no mark comes */
	END_LINE, /* it is all */
};

/* How a splat begins. The first row that matches names a line. */
struct kmsg_head {
	const char *start, *part; /* of the line; @part: NULL, or anywhere behind */
	const char *what;
	enum kmsg_severity patched, elsewhere;
	enum splat_end end;
};

#define BAD(start, part, what, end)                            \
	{                                                      \
		start, part, what, KMSG_FATAL, KMSG_FATAL, end \
	}

static const struct kmsg_head heads[] = {
	BAD("Kernel panic - not syncing", NULL, "panic", END_MARK),
	BAD("kernel BUG at ", NULL, "bug", END_MARK),
	BAD("watchdog: BUG: soft lockup - CPU", NULL, "lockup", END_TASK),
	BAD("watchdog: Watchdog detected hard LOCKUP", NULL, "lockup", END_TASK),
	BAD("Watchdog detected hard LOCKUP", NULL, "lockup", END_TASK),
	BAD("NMI watchdog: Watchdog detected hard LOCKUP", NULL, "lockup", END_TASK),
	BAD("BUG: workqueue lockup - pool", NULL, "lockup", END_TASK),
	BAD("rcu: INFO: rcu_", "stall", "rcu-stall", END_TASK),
	BAD("BUG: KASAN: ", NULL, "memory-error", END_TASK),
	BAD("BUG: KFENCE: ", NULL, "memory-error", END_TASK),
	BAD("BUG: Bad page state in process", NULL, "memory-error", END_TASK),
	BAD("BUG: kernel NULL pointer dereference", NULL, "oops", END_MARK),
	BAD("BUG: unable to handle page fault", NULL, "oops", END_MARK),
	BAD("BUG: scheduling while atomic: ", NULL, "bug", END_TASK),
	BAD("BUG: sleeping function called from", NULL, "bug", END_TASK),
	BAD("BUG: ", NULL, "bug", END_TASK),
	BAD("BUG ", "overwritten", "memory-error", END_TASK),
	BAD("BUG ", "Object already free", "memory-error", END_TASK),
	BAD("list_add corruption", NULL, "memory-error", END_MARK),
	BAD("list_del corruption", NULL, "memory-error", END_MARK),
	BAD("Unable to handle kernel ", NULL, "oops", END_MARK),
	BAD("general protection fault, probably for", NULL, "oops", END_MARK),
	BAD("general protection fault: ", " [#", "oops", END_MARK),
	BAD("Internal error: ", " [#", "oops", END_MARK),
	BAD("Oops: ", "[#", "oops", END_MARK),
	BAD("invalid opcode: ", " [#", "oops", END_MARK),
	BAD("divide error: ", " [#", "oops", END_MARK),
	BAD("stack segment: ", " [#", "oops", END_MARK),
	BAD("double fault: ", " [#", "oops", END_MARK),
	{ "INFO: task ", " blocked for more than ", "hung-task", KMSG_FATAL, KMSG_NOTE, END_TASK },
	{ "UBSAN: ", NULL, "undefined", KMSG_FATAL, KMSG_NOTE, END_TASK },
	{ "WARNING: ", NULL, "warning", KMSG_FATAL, KMSG_NOTHING, END_MARK },
	{ "livepatch: ", "fail", "livepatch", KMSG_FATAL, KMSG_NOTE, END_LINE },
};

/*
 * Lines that begin as some of the above and say something else. Most begin with a process's name,
 * and some have a call trace below them. Each is longer than what a process may choose.
 */
static const struct {
	const char *part, *behind; /* @behind: NULL, or what follows somewhere */
} harmless[] = {
	{ "]: segfault at ", " ip " },
	{ " invoked oom-killer: ", NULL },
	{ ": page allocation failure", NULL },
	{ ": vmalloc error: size ", NULL },
	{ "Unprivileged eBPF is enabled", NULL }, /* "WARNING: ", of the processor's kind */
	{ "livepatch: signaling remaining tasks", NULL },
};

const char *kmsg_severity_name(enum kmsg_severity s)
{
	static const char *const names[] = {
		[KMSG_NOTHING] = "nothing",
		[KMSG_NOTE] = "note",
		[KMSG_FATAL] = "fatal",
	};

	return names[s];
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_harmless(const char *text)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		const char *p = strstr(text, harmless[i].part);

		if (p && (!harmless[i].behind || strstr(p, harmless[i].behind)))
			return true;
	}
	return false;
}

static const struct kmsg_head *find_head(const char *text)
{
	if (is_harmless(text))
		return NULL;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (starts_with(text, heads[i].start) &&
		    (!heads[i].part || strstr(text + strlen(heads[i].start), heads[i].part)))
			return &heads[i];
	return NULL;
}

/*
 * "name+0x12/0x34" or "name+0x12/0x34 [module]" at the end of a line: the only places where the
 * kernel says an address. "? " before it: a leftover of an older call.
 * Return: where the name begins, or NULL.
 */
static const char *find_address(const char *text, size_t *ret_len, const char **ret_module)
{
	static const char hex[] = "0123456789abcdef";
	static const char name[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
	const char *plus = strstr(text, "+0x"), *from = plus, *p;

	if (!plus)
		return NULL;
	while (from > text && memchr(name, from[-1], sizeof(name) - 1))
		from--;
	p = plus + 3;
	p += strspn(p, hex);
	if (from == plus || p[0] != '/' || p[1] != '0' || p[2] != 'x')
		return NULL;
	p += 3;
	p += strspn(p, hex);
	if (*p && !(p[0] == ' ' && p[1] == '[' && p[strlen(p) - 1] == ']'))
		return NULL;
	if (from >= text + 2 && from[-1] == ' ' && from[-2] == '?')
		return NULL;
	*ret_len = (size_t)(plus - from);
	*ret_module = *p ? p + 2 : NULL;
	return from;
}

/* "name]" or "name build-id]", as behind an address. */
static bool is_module(const char *module, const char *name)
{
	size_t n = strlen(name);

	return strncmp(module, name, n) == 0 && (module[n] == ']' || module[n] == ' ');
}

static bool is_of(const char *module, const char *object)
{
	return module ? is_module(module, object) : strcmp(object, "vmlinux") == 0;
}

/* The code of the level itself, or the old code under a name that it replaces. */
static bool is_patched(const struct livepatch *patch, const char *name, size_t len,
		       const char *module)
{
	if (module && is_module(module, patch->name))
		return true;
	for (size_t i = 0; i < patch->n_functions; i++) {
		const struct livepatch_function *f = &patch->functions[i];

		if (strlen(f->name) == len && memcmp(f->name, name, len) == 0 &&
		    is_of(module, f->object))
			return true;
	}
	return false;
}

static void look_for_patched(struct kmsg_watch *w, const char *text)
{
	const char *module = NULL, *name;
	size_t len = 0;

	if (!w->patch || w->found.function[0])
		return;
	name = find_address(text, &len, &module);
	if (!name || !is_patched(w->patch, name, len, module))
		return;
	(void)snprintf(w->found.function, sizeof(w->found.function), "%.*s", (int)len, name);
}

static void add_line(struct kmsg_watch *w, const char *text)
{
	size_t n = strlen(text);

	w->lines++;
	if (n >= sizeof(w->found.text) - w->len - 1)
		return;
	memcpy(w->found.text + w->len, text, n);
	w->len += n;
	w->found.text[w->len++] = '\n';
	w->found.text[w->len] = '\0';
}

static void start(struct kmsg_watch *w, const struct kmsg_record *r)
{
	kmsg_watch_begin(w, w->patch);
	w->open = true;
	w->found.seq = r->seq;
	w->found.usec = r->usec;
}

/* Faults come in company ("BUG: ...", then "Oops: ..."): the gravest names the splat. */
static void take_head(struct kmsg_watch *w, const struct kmsg_head *h, const char *text)
{
	if (w->head && w->head->elsewhere >= h->elsewhere && w->head->patched >= h->patched) {
		w->long_head = w->long_head || strlen(h->start) > COMM_MAX;
		return;
	}
	w->long_head = strlen(h->start) > COMM_MAX;
	w->head = h;
	(void)snprintf(w->found.line, sizeof(w->found.line), "%s", text);
}

static bool is_trace(const char *text)
{
	return strcmp(text, "Call Trace:") == 0 || strcmp(text, "Call trace:") == 0 ||
	       strcmp(text, " <TASK>") == 0 || strcmp(text, " </TASK>") == 0;
}

/* A failure to patch a module that is being loaded has one line, and names the patch. */
static bool names_patch(const struct kmsg_watch *w)
{
	char quoted[LIVEPATCH_NAME_MAX + 2];

	if (!w->patch)
		return false;
	(void)snprintf(quoted, sizeof(quoted), "'%s'", w->patch->name);
	return strstr(w->found.line, quoted) != NULL;
}

static enum kmsg_severity judge(const struct kmsg_watch *w)
{
	const struct kmsg_head *h = w->head;
	enum kmsg_severity s;

	if (!h)
		return KMSG_NOTHING;
	if (h->end == END_LINE)
		return names_patch(w) ? h->patched : h->elsewhere;
	s = w->found.function[0] ? h->patched : h->elsewhere;
	if (!w->confirmed && !w->long_head && s == KMSG_FATAL)
		return h->elsewhere == KMSG_NOTHING ? KMSG_NOTHING : KMSG_NOTE;
	return s;
}

static bool finish(struct kmsg_watch *w, struct kmsg_finding *ret)
{
	enum kmsg_severity s = w->open ? judge(w) : KMSG_NOTHING;

	if (s != KMSG_NOTHING) {
		*ret = w->found;
		ret->severity = s;
		ret->what = w->head->what;
	}
	kmsg_watch_begin(w, w->patch);
	return s != KMSG_NOTHING;
}

void kmsg_watch_begin(struct kmsg_watch *w, const struct livepatch *patch)
{
	*w = (struct kmsg_watch){ .patch = patch };
}

bool kmsg_watch_flush(struct kmsg_watch *w, struct kmsg_finding *ret)
{
	return finish(w, ret);
}

static bool is_last(const struct kmsg_watch *w, const char *text)
{
	if (!w->head)
		return false;
	if (w->head->end == END_LINE || starts_with(text, "---[ end "))
		return true;
	return w->head->end == END_TASK && strcmp(text, " </TASK>") == 0;
}

/* A line that cannot belong to what is open: it has to be told before the line is looked at. */
static bool is_apart(const struct kmsg_watch *w, const struct kmsg_record *r, bool cut_here)
{
	return cut_here || w->lines >= KMSG_SPLAT_LINES ||
	       (r->usec > w->last_usec && r->usec - w->last_usec > KMSG_SPLAT_US);
}

bool kmsg_watch_feed(struct kmsg_watch *w, const struct kmsg_record *r, struct kmsg_finding *ret)
{
	bool cut_here = strcmp(r->text, "------------[ cut here ]------------") == 0;
	const struct kmsg_head *h;
	bool found = false;

	if (!r->kernel)
		return false;
	if (w->open && is_apart(w, r, cut_here))
		found = finish(w, ret);
	h = find_head(r->text);
	if (!w->open && !h && !cut_here)
		return found;
	if (!w->open)
		start(w, r);
	w->last_usec = r->usec;
	add_line(w, r->text);
	if (h)
		take_head(w, h, r->text);
	w->confirmed = w->confirmed || is_trace(r->text);
	look_for_patched(w, r->text);
	/* One finding at a time: what is told next waits for the next line, or the silence. */
	if (!found && is_last(w, r->text))
		found = finish(w, ret);
	return found;
}
