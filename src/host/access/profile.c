/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/access/profile.h"

#include <linux/sched.h>
#include <signal.h>
#include <string.h>

#define ARGS    6u
#define UNKNOWN (-1)

struct call {
	const char *name;
	bool denied; /* by docker's default, 20.10 to 27 */
	int64_t arg0;
};

static const struct call calls[CALLS] = {
	[CALL_UNSHARE] = { "unshare", true, CLONE_NEWUSER },
	[CALL_CLONE] = { "clone", true, CLONE_NEWUSER | SIGCHLD },
	[CALL_CLONE3] = { "clone3", true, UNKNOWN },
	[CALL_MOUNT] = { "mount", true, UNKNOWN },
	[CALL_FSMOUNT] = { "fsmount", true, UNKNOWN },
	[CALL_BPF] = { "bpf", true, UNKNOWN },
	[CALL_PERF] = { "perf_event_open", true, UNKNOWN },
	[CALL_URING] = { "io_uring_setup", true, UNKNOWN },
	[CALL_KEYCTL] = { "keyctl", true, UNKNOWN },
	[CALL_ADD_KEY] = { "add_key", true, UNKNOWN },
	[CALL_USERFAULTFD] = { "userfaultfd", true, UNKNOWN },
	[CALL_PTRACE] = { "ptrace", false, UNKNOWN },
	[CALL_FANOTIFY] = { "fanotify_init", true, UNKNOWN },
	[CALL_IO_SETUP] = { "io_setup", false, UNKNOWN },
	[CALL_SHMGET] = { "shmget", false, UNKNOWN },
	[CALL_MQ_OPEN] = { "mq_open", false, UNKNOWN },
	[CALL_MKNOD] = { "mknod", false, UNKNOWN },
	[CALL_VMSPLICE] = { "vmsplice", true, UNKNOWN },
	[CALL_MBIND] = { "mbind", true, UNKNOWN },
	[CALL_SOCKETCALL] = { "socketcall", false, UNKNOWN },
};

const char *call_name(enum access_call c)
{
	return calls[c].name;
}

bool call_is_denied_by_default(enum access_call c)
{
	return calls[c].denied;
}

static enum filter_word word_of(const char *action)
{
	if (!action || strcmp(action, "SCMP_ACT_NOTIFY") == 0 ||
	    strcmp(action, "SCMP_ACT_TRACE") == 0)
		return FILTER_UNKNOWN;
	if (strcmp(action, "SCMP_ACT_ALLOW") == 0 || strcmp(action, "SCMP_ACT_LOG") == 0)
		return FILTER_ALLOWS;
	return FILTER_DENIES;
}

static bool compares(const char *op, uint64_t arg, uint64_t value, uint64_t two)
{
	static const char *const ops[] = { "SCMP_CMP_NE",       "SCMP_CMP_LT", "SCMP_CMP_LE",
					   "SCMP_CMP_EQ",       "SCMP_CMP_GE", "SCMP_CMP_GT",
					   "SCMP_CMP_MASKED_EQ" };
	const bool holds[] = { arg != value,
			       arg<value, arg <= value, arg == value, arg >= value, arg> value,
			       (arg & value) == two };

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(op, ops[i]) == 0)
			return holds[i];
	return false;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_get_str(object, key);

	return text ? text : "";
}

/* One condition: yes, no, or unknown where it asks for an argument that is not known here. */
static enum fact condition(const json_t *c, const int64_t args[ARGS])
{
	json_int_t index = json_integer_value(json_object_get(c, "index"));
	uint64_t value = (uint64_t)json_integer_value(json_object_get(c, "value"));
	uint64_t two = (uint64_t)json_integer_value(json_object_get(c, "valueTwo"));

	if (index < 0 || index >= (json_int_t)ARGS || args[index] < 0)
		return FACT_UNKNOWN;
	return compares(text_of(c, "op"), (uint64_t)args[index], value, two) ? FACT_YES : FACT_NO;
}

static bool has_twice(const json_t *conditions)
{
	unsigned seen = 0;
	json_t *c;
	size_t i;

	json_array_foreach(conditions, i, c)
	{
		json_int_t index = json_integer_value(json_object_get(c, "index"));
		unsigned bit = 1u << (unsigned)(index & 7);

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

static enum fact rule_holds(const json_t *rule, const int64_t args[ARGS])
{
	const json_t *conditions = json_object_get(rule, "args");
	bool either = has_twice(conditions);
	enum fact all = either ? FACT_NO : FACT_YES;
	json_t *c;
	size_t i;

	json_array_foreach(conditions, i, c)
	{
		enum fact f = condition(c, args);

		if (f == (either ? FACT_YES : FACT_NO))
			return f;
		if (f == FACT_UNKNOWN)
			all = FACT_UNKNOWN;
	}
	return all;
}

static bool names(const json_t *rule, const char *call)
{
	const char *one = json_get_str(rule, "name");
	json_t *name;
	size_t i;

	if (one && strcmp(one, call) == 0)
		return true;
	json_array_foreach(json_object_get(rule, "names"), i,
			   name) if (json_is_string(name) &&
				     strcmp(json_string_value(name), call) == 0) return true;
	return false;
}

static enum filter_word evaluate(const json_t *seccomp, const char *call, const int64_t args[ARGS])
{
	const char *otherwise = text_of(seccomp, "defaultAction");
	enum filter_word fallback = word_of(otherwise);
	enum filter_word word = fallback;
	bool matched = false;
	json_t *rule;
	size_t i;

	json_array_foreach(json_object_get(seccomp, "syscalls"), i, rule)
	{
		enum filter_word w = word_of(json_get_str(rule, "action"));
		enum fact holds;

		if (!names(rule, call) || strcmp(text_of(rule, "action"), otherwise) == 0)
			continue;
		holds = rule_holds(rule, args);
		if (holds == FACT_NO)
			continue;
		/* Of what may or may not hold only a different word matters. */
		if ((holds == FACT_UNKNOWN && w != fallback) || w == FILTER_UNKNOWN ||
		    (matched && w != word))
			return FILTER_UNKNOWN;
		matched = true;
		word = w;
	}
	return matched ? word : fallback;
}

static bool has_x86(const json_t *seccomp)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(seccomp, "architectures"), i, name)
	{
		if (json_is_string(name) && strcmp(json_string_value(name), "SCMP_ARCH_X86") == 0)
			return true;
	}
	return false;
}

bool profile_parse(const json_t *seccomp, struct access_profile *ret)
{
	struct access_profile p = { .x86 = false };

	if (!json_is_object(seccomp) || !json_get_str(seccomp, "defaultAction"))
		return false;
	for (unsigned i = 0; i < CALLS; i++) {
		const int64_t args[ARGS] = { calls[i].arg0, UNKNOWN, UNKNOWN,
					     UNKNOWN,       UNKNOWN, UNKNOWN };

		p.call[i] = (uint8_t)evaluate(seccomp, calls[i].name, args);
	}
	for (unsigned i = 0; i < FAMILIES; i++) {
		const int64_t args[ARGS] = { (int64_t)i, UNKNOWN, 0, UNKNOWN, UNKNOWN, UNKNOWN };

		p.family[i] = (uint8_t)evaluate(seccomp, "socket", args);
	}
	p.x86 = has_x86(seccomp);
	*ret = p;
	return true;
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* Behind the string that begins at @p; NULL where it does not end. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\')
			p++;
	}
	return NULL;
}

/* Behind the value that begins at @p: of an object or list, behind what closes it. */
static const char *skip_value(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			if (!p || !depth)
				return p;
			continue;
		}
		if (!depth && (*p == ',' || *p == '}' || *p == ']'))
			return p;
		if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && --depth == 0)
			return p + 1;
		p++;
	}
	return NULL;
}

bool oci_member(struct oci_span in, const char *key, struct oci_span *ret)
{
	const char *end = in.p + in.len, *p = skip_space(in.p, end), *name, *behind;
	size_t len = strlen(key);

	if (p == end || *p != '{')
		return false;
	for (p = skip_space(p + 1, end); p < end && *p == '"'; p = skip_space(p + 1, end)) {
		name = p + 1;
		behind = skip_string(p, end);
		p = behind ? skip_space(behind, end) : end;
		if (p == end || *p != ':')
			return false;
		p = skip_space(p + 1, end);
		in.p = p;
		p = p < end ? skip_value(p, end) : NULL;
		if (!p)
			return false;
		if ((size_t)(behind - 1 - name) == len && memcmp(name, key, len) == 0) {
			*ret = (struct oci_span){ in.p, (size_t)(p - in.p) };
			return true;
		}
		p = skip_space(p, end);
		if (p == end || *p != ',')
			return false;
	}
	return false;
}

static bool fits(const json_t *rule, const char *key, unsigned number)
{
	const json_t *v = json_object_get(rule, key);

	return !json_is_integer(v) || json_integer_value(v) < 0 ||
	       json_integer_value(v) == (json_int_t)number;
}

/* The last rule that fits decides: the kernel's list is made in this order. */
enum filter_word oci_device(const json_t *devices, char type, unsigned major, unsigned minor)
{
	enum filter_word word = FILTER_UNKNOWN;
	json_t *rule;
	size_t i;

	json_array_foreach(devices, i, rule)
	{
		const char *t = text_of(rule, "type"), *access = text_of(rule, "access");

		if ((*t && *t != 'a' && *t != type) || !fits(rule, "major", major) ||
		    !fits(rule, "minor", minor) || (*access && !strchr(access, 'r')))
			continue;
		word = json_is_true(json_object_get(rule, "allow")) ? FILTER_ALLOWS : FILTER_DENIES;
	}
	return word;
}
