/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/vm-log.h"

#include <stdbool.h>
#include <string.h>

#define QUIET_LINES 80 /* a register dump, modules and a trace: about 60 lines for one fault */
#define STEP_MAX    1000000

/* What a hurt kernel says. The first row that matches names a line. */
static const struct pattern {
	const char *part;
	const char *what;
	bool follows; /* comes with another line that says more */
} patterns[] = {
	{ "soft lockup", "lockup", false },
	{ "hard LOCKUP", "lockup", false },
	{ "workqueue lockup", "lockup", false },
	{ "detected stall", "RCU stall", false },
	{ "self-detected stall", "RCU stall", false },
	{ "kthread starved for", "RCU stall", true },
	{ "blocked for more than", "hung task", false },
	{ "KASAN:", "memory error", false },
	{ "KFENCE:", "memory error", false },
	{ "kernel BUG at", "BUG", false },
	{ "BUG:", "BUG", false },
	{ "Objects remaining in", "leak", false },
	{ "Slab cache still has objects", "leak", false },
	{ "unreferenced object", "leak", false },
	{ "waiting for lo to become free", "leak", false },
	{ "unregister_netdevice: waiting", "leak", false },
	{ "Slab corruption", "memory error", false },
	{ "Redzone overwritten", "memory error", false },
	{ "Poison overwritten", "memory error", false },
	{ "Object already free", "memory error", false },
	{ "list_add corruption", "memory error", false },
	{ "list_del corruption", "memory error", false },
	{ "Bad page state", "memory error", false },
	{ "Bad rss-counter state", "leak", false },
	{ "refcount_t:", "reference count", false },
	{ "percpu ref", "reference count", false },
	{ "kernel tried to execute", "oops", false },
	{ "Unable to handle kernel", "oops", false },
	{ "general protection fault", "oops", false },
	{ "stack segment", "oops", false },
	{ "double fault", "oops", false },
	{ "invalid opcode:", "oops", false },
	{ "Oops", "oops", false },
	{ "Kernel panic", "panic", false },
	{ "WARNING:", "WARN", false },
	{ "INFO: possible", "lockdep", false },
	{ "INFO: suspicious", "lockdep", false },
	{ "INFO: trying to register non-static key", "lockdep", false },
	{ "Unpatched return thunk", "WARN", false },
	{ "Invalid relocation target", "relocation", false },
	{ "Skipping invalid relocation", "relocation", false },
	{ "disagrees about version of symbol", "symbol", false },
	{ "Unknown symbol", "symbol", false },
	{ "jump_label: Fatal", "code patching", false },
	{ "Static call: Fatal", "code patching", false },
	{ "cannot create duplicate filename", "sysfs", false },
	{ "Failed to add unwind", "unwinder", false },
	{ "Call Trace:", "call trace", true },
};

/* Lines that match and mean nothing for a level. */
static const char *const harmless[] = {
	"Unprivileged eBPF is enabled", /* Spectre v2, on any kernel that allows it */
};

static const struct {
	unsigned int bit;
	const char *says;
} taints[] = {
	{ 1, "a module was forced in" },      { 3, "a module was forced out" },
	{ 5, "a bad page (taint B)" },        { 7, "the kernel died, an oops or BUG (taint D)" },
	{ 9, "the kernel warned (taint W)" }, { 14, "a soft lockup (taint L)" },
};

const char *vm_taint_says(unsigned long before, unsigned long after)
{
	for (size_t i = 0; i < sizeof(taints) / sizeof(taints[0]); i++)
		if ((after & ~before) >> taints[i].bit & 1)
			return taints[i].says;
	return NULL;
}

static bool contains(const char *line, size_t len, const char *part)
{
	return memmem(line, len, part, strlen(part)) != NULL;
}

/* "livepatch: failed to ...", "livepatch: patch ... failed for module ..." */
static bool is_livepatch_failure(const char *line, size_t len)
{
	const char *from = memmem(line, len, "livepatch: ", 11);

	return from && contains(from, len - (size_t)(from - line), "fail");
}

static const struct pattern *match(const char *line, size_t len)
{
	static const struct pattern livepatch = { "livepatch", "livepatch", false };

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (contains(line, len, harmless[i]))
			return NULL;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (contains(line, len, patterns[i].part))
			return &patterns[i];
	return is_livepatch_failure(line, len) ? &livepatch : NULL;
}

/* "oakum-test: step 7" moves us on. */
static void read_step(const char *line, size_t len, size_t *step)
{
	static const char mark[] = "oakum-test: step ";
	const char *p = memmem(line, len, mark, sizeof(mark) - 1), *end = line + len;
	size_t v = 0;

	if (!p)
		return;
	p += sizeof(mark) - 1;
	if (p == end || *p < '0' || *p > '9')
		return;
	for (; p < end && *p >= '0' && *p <= '9' && v < STEP_MAX; p++)
		v = v * 10 + (size_t)(*p - '0');
	*step = v;
}

/* "[    1.234567] text" is "text"; only printable characters, for it ends on a terminal. */
static void copy_line(const char *line, size_t len, char ret[VM_LOG_LINE_MAX])
{
	const char *close = len && line[0] == '[' ? memchr(line, ']', len) : NULL;
	size_t n = 0;

	if (close) {
		len -= (size_t)(close + 1 - line);
		line = close + 1;
	}
	while (len && *line == ' ') {
		line++;
		len--;
	}
	for (; n < len && n + 1 < VM_LOG_LINE_MAX; n++)
		ret[n] = (char)(line[n] >= ' ' && line[n] <= '~' ? line[n] : '?');
	ret[n] = '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* But for numbers: processor, process and address differ each time that one place warns. */
static bool is_repeated(const char *a, const char *b)
{
	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			while (is_digit(*a))
				a++;
			while (is_digit(*b))
				b++;
		} else if (*a++ != *b++) {
			return false;
		}
	}
	return *a == *b;
}

static void keep(struct vm_findings *f, const struct pattern *p, size_t step, const char *line,
		 size_t len)
{
	struct vm_finding found = { .what = p->what, .step = step, .times = 1 };

	copy_line(line, len, found.line);
	f->total++;
	for (size_t i = 0; i < f->n; i++) {
		if (is_repeated(f->v[i].line, found.line)) {
			f->v[i].times++;
			return;
		}
	}
	if (f->n < VM_FINDINGS_MAX)
		f->v[f->n++] = found;
}

void vm_log_judge(const void *log, size_t len, struct vm_findings *ret)
{
	const char *p = log, *end = len ? p + len : p; /* an empty buffer has no bytes at all */
	size_t step = VM_NO_STEP, since = QUIET_LINES;

	*ret = (struct vm_findings){ .n = 0 };
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p);
		const struct pattern *found;

		while (n > 0 && p[n - 1] == '\r')
			n--;
		read_step(p, n, &step);
		found = match(p, n);
		since += since < QUIET_LINES;
		if (found && (!found->follows || since >= QUIET_LINES))
			keep(ret, found, step, p, n);
		if (found)
			since = 0;
		p = nl ? nl + 1 : end;
	}
}
