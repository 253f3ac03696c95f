/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/engines.h"

#include <stdio.h>
#include <string.h>

#include "host/number.h"

#define COMPONENTS_MAX 32 /* of a path, the last ones */
#define HEX_ID         64
#define POD            "pod<uid>" /* as a parent: any pod's */

/* What stands between prefix and suffix. */
enum form {
	FORM_HEX,     /* 64 lower-case hexadecimal digits */
	FORM_NAME,    /* a name as engines allow it */
	FORM_ESCAPED, /* the same after systemd's escapes: "\x2d" is "-" */
	FORM_ANY,     /* only for what is no container */
};

struct pattern {
	const char *engine; /* NULL: certainly no container */
	const char *parent; /* the component before, or POD; NULL: any */
	const char *prefix; /* "*..." : anywhere */
	const char *suffix;
	const char *not_below; /* a component below of this name is the engine's monitor */
	enum form form;
};

/* The first row that fits a component wins. */
static const struct pattern patterns[] = {
	{ .prefix = "libpod-conmon-", .suffix = "", .form = FORM_ANY },
	{ .prefix = "crio-conmon-", .suffix = "", .form = FORM_ANY },
	{ .prefix = "lxc.monitor.", .suffix = "", .form = FORM_ANY },
	{ .parent = "lxc.monitor", .prefix = "", .suffix = "", .form = FORM_ANY },
	{ .parent = "libpod_parent", .prefix = "conmon", .suffix = "", .form = FORM_ANY },
	{ .prefix = "machine-qemu\\x2d", .suffix = ".scope", .form = FORM_ANY },
	{ .prefix = "app-flatpak-", .suffix = ".scope", .form = FORM_ANY },
	{ .prefix = "snap.", .suffix = ".scope", .form = FORM_ANY },
	{ "docker", NULL, "docker-", ".scope", NULL, FORM_HEX },
	{ "docker", "docker", "", "", NULL, FORM_HEX },
	{ "containerd", NULL, "cri-containerd-", ".scope", NULL, FORM_HEX },
	{ "containerd", NULL, "*:cri-containerd:", "", NULL, FORM_HEX },
	{ "containerd", NULL, "nerdctl-", ".scope", NULL, FORM_HEX },
	{ "containerd", POD, "", "", NULL, FORM_HEX },
	{ "cri-o", NULL, "crio-", ".scope", NULL, FORM_HEX },
	{ "cri-o", NULL, "crio-", "", NULL, FORM_HEX },
	{ "podman", NULL, "libpod-payload-", "", NULL, FORM_HEX },
	{ "podman", NULL, "libpod-", ".scope", NULL, FORM_HEX },
	{ "podman", NULL, "libpod-", "", NULL, FORM_HEX },
	{ "runc", NULL, "runc-", ".scope", NULL, FORM_NAME },
	{ "crun", NULL, "crun-", ".scope", NULL, FORM_NAME },
	{ "lxc", NULL, "lxc.payload.", "", NULL, FORM_NAME },
	{ "lxc", "lxc.payload", "", "", NULL, FORM_NAME },
	{ "lxc", "lxc", "", "", NULL, FORM_NAME },
	{ "libvirt-lxc", NULL, "machine-lxc\\x2d", ".scope", NULL, FORM_ESCAPED },
	{ "libvirt-lxc", NULL, "", ".libvirt-lxc", NULL, FORM_NAME },
	{ "nspawn", NULL, "systemd-nspawn@", ".service", "supervisor", FORM_ESCAPED },
	{ "nspawn", NULL, "machine-", ".scope", "supervisor", FORM_ESCAPED },
};

/* Borrowed text. */
struct piece {
	const char *p;
	size_t len;
};

struct path {
	struct piece at[COMPONENTS_MAX];
	size_t n;
};

static bool piece_starts(struct piece s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && memcmp(s.p, prefix, len) == 0;
}

static bool piece_ends(struct piece s, const char *suffix)
{
	size_t len = strlen(suffix);

	return s.len >= len && memcmp(s.p + s.len - len, suffix, len) == 0;
}

static bool piece_is(struct piece s, const char *text)
{
	return s.len == strlen(text) && piece_starts(s, text);
}

static struct piece piece_skip(struct piece s, size_t n)
{
	return (struct piece){ s.p + n, s.len - n };
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex_id(struct piece s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_hex(s.p[i]))
			return false;
	return s.len == HEX_ID;
}

static bool is_name(struct piece s)
{
	if (!s.len || s.len >= CONTAINER_ID_MAX || !(is_alnum(s.p[0]) || s.p[0] == '_'))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_alnum(s.p[i]) && (!s.p[i] || !strchr("_.-", s.p[i])))
			return false;
	return true;
}

bool container_id_is_valid(const char *id)
{
	return is_name((struct piece){ id, strlen(id) });
}

static void copy(char *ret, struct piece s)
{
	memcpy(ret, s.p, s.len);
	ret[s.len] = '\0';
}

static unsigned char hex_value(char c)
{
	return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Undoes systemd's "\xNN"; false where that is no name. */
static bool copy_unescaped(char ret[CONTAINER_ID_MAX], struct piece s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n < CONTAINER_ID_MAX - 1; n++) {
		const char *c = s.p + i;

		if (piece_starts(piece_skip(s, i), "\\x") && i + 3 < s.len && is_hex(c[2]) &&
		    is_hex(c[3])) {
			unsigned value = hex_value(c[2]) * 16u + hex_value(c[3]);

			ret[n] = (char)value;
			i += 4;
		} else {
			ret[n] = *c;
			i++;
		}
	}
	ret[n] = '\0';
	return is_name((struct piece){ ret, n });
}

static bool copy_id(enum form form, struct piece s, char ret[CONTAINER_ID_MAX])
{
	if (form == FORM_ESCAPED)
		return copy_unescaped(ret, s);
	if (form == FORM_HEX ? !is_hex_id(s) : !is_name(s))
		return false;
	copy(ret, s);
	return true;
}

/* What follows @prefix in @s; false where it is not there. */
static bool after_prefix(struct piece s, const char *prefix, struct piece *ret)
{
	bool anywhere = prefix[0] == '*';

	if (anywhere)
		for (prefix++; s.len && !piece_starts(s, prefix);)
			s = piece_skip(s, 1);
	if (!piece_starts(s, prefix))
		return false;
	*ret = piece_skip(s, strlen(prefix));
	return true;
}

/* "1234...": a UUID, with "_" for "-" as in unit names, or 32 or 64 digits. */
static bool copy_pod_uid(struct piece s, char ret[CONTAINER_POD_UID_MAX])
{
	size_t n = 0;

	while (n < s.len && n < CONTAINER_POD_UID_MAX - 1 &&
	       (is_hex(s.p[n]) || s.p[n] == '-' || s.p[n] == '_')) {
		ret[n] = (char)(s.p[n] == '_' ? '-' : s.p[n]);
		n++;
	}
	ret[n] = '\0';
	if (n == 32 || n == 36 || n == HEX_ID)
		return true;
	ret[0] = '\0';
	return false;
}

static bool parent_fits(const struct path *path, size_t at, const char *parent)
{
	char uid[CONTAINER_POD_UID_MAX];
	struct piece rest;

	if (!parent)
		return true;
	if (!at)
		return false;
	if (strcmp(parent, POD) != 0)
		return piece_is(path->at[at - 1], parent);
	return after_prefix(path->at[at - 1], "pod", &rest) && copy_pod_uid(rest, uid);
}

/* The patterns have no overlap of prefix and suffix: "libpod-" alone holds no id. */
static enum cgroup_kind match(const struct pattern *row, const struct path *path, size_t at,
			      char ret_id[CONTAINER_ID_MAX])
{
	struct piece s;

	if (!parent_fits(path, at, row->parent) || !after_prefix(path->at[at], row->prefix, &s) ||
	    !piece_ends(s, row->suffix))
		return CGROUP_HOST;
	s.len -= strlen(row->suffix);
	if (!row->engine)
		return CGROUP_OTHER;
	if (row->not_below && at + 1 < path->n && piece_is(path->at[at + 1], row->not_below))
		return CGROUP_OTHER;
	return copy_id(row->form, s, ret_id) ? CGROUP_CONTAINER : CGROUP_HOST;
}

/* The path of one line "N:controllers:/path", in components; a long path keeps its end. */
static struct path split(struct piece line)
{
	struct path path = { .n = 0 };

	for (int colons = 0; line.len && colons < 2; line = piece_skip(line, 1))
		colons += line.p[0] == ':';
	if (piece_ends(line, " (deleted)"))
		line.len -= strlen(" (deleted)");
	while (line.len) {
		const char *slash = memchr(line.p, '/', line.len);
		size_t len = slash ? (size_t)(slash - line.p) : line.len;
		struct piece s = { line.p, len };

		line = piece_skip(line, len + (slash != NULL));
		if (!len || piece_is(s, "..") || piece_is(s, "."))
			continue;
		if (path.n == COMPONENTS_MAX)
			memmove(&path.at[0], &path.at[1], (--path.n) * sizeof(path.at[0]));
		path.at[path.n++] = s;
	}
	return path;
}

static void find_pod(const struct path *path, size_t at, struct container_ref *ref)
{
	static const char *const before[] = { "*libpod_pod_", "*-pod", "pod" };
	struct piece s;

	/* "...-pod<uid>.slice:cri-containerd:<id>" has both in one component. */
	for (size_t i = at + 1; i-- > 0;) {
		/* Else it is the container's own name, which may look like a pod's. */
		if (i == at && !memchr(path->at[i].p, ':', path->at[i].len))
			continue;
		for (size_t k = 0; k < sizeof(before) / sizeof(before[0]); k++)
			if (after_prefix(path->at[i], before[k], &s) &&
			    copy_pod_uid(s, ref->pod_uid))
				return;
	}
}

/* "user@1000.service" above a rootless container. */
static void find_user(const struct path *path, size_t at, struct container_ref *ref)
{
	for (size_t i = 0; i < at; i++) {
		char digits[12];
		struct piece s;

		if (!after_prefix(path->at[i], "user@", &s) || !piece_ends(s, ".service"))
			continue;
		s.len -= strlen(".service");
		if (s.len >= sizeof(digits))
			continue;
		copy(digits, s);
		if (number_parse_u32(digits, &ref->uid) == 0)
			return;
	}
}

static enum cgroup_kind match_line(const struct path *path, struct container_ref *ret)
{
	for (size_t at = path->n; at-- > 0;)
		for (size_t k = 0; k < sizeof(patterns) / sizeof(patterns[0]); k++) {
			struct container_ref ref = { .uid = 0 };
			enum cgroup_kind kind = match(&patterns[k], path, at, ref.id);

			if (kind == CGROUP_HOST)
				continue;
			if (kind == CGROUP_OTHER)
				return kind;
			(void)snprintf(ref.engine, sizeof(ref.engine), "%s", patterns[k].engine);
			find_pod(path, at, &ref);
			find_user(path, at, &ref);
			*ret = ref;
			return kind;
		}
	return CGROUP_HOST;
}

/* The next line of @text; false at its end. */
static bool next_line(const char **text, struct piece *ret)
{
	size_t len = strcspn(*text, "\n");

	if (!**text)
		return false;
	*ret = (struct piece){ *text, len };
	*text += len + ((*text)[len] == '\n');
	return true;
}

enum cgroup_kind container_of_cgroup(const char *text, struct container_ref *ret)
{
	struct piece line;

	while (next_line(&text, &line)) {
		struct path path = split(line);
		enum cgroup_kind kind = match_line(&path, ret);

		if (kind != CGROUP_HOST)
			return kind;
	}
	return CGROUP_HOST;
}

struct guesses {
	struct container_ref *refs;
	size_t n;
};

static void guess(struct guesses *g, const char *engine, struct piece scope, struct piece id)
{
	struct container_ref ref = { .uid = 0 };

	if (g->n == CONTAINER_GUESSES_MAX || !is_name(id) || (scope.len && !is_name(scope)))
		return;
	(void)snprintf(ref.engine, sizeof(ref.engine), "%s", engine);
	copy(ref.id, id);
	copy(ref.scope, scope);
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->refs[i].engine, engine) == 0 && strcmp(g->refs[i].id, ref.id) == 0 &&
		    strcmp(g->refs[i].scope, ref.scope) == 0)
			return;
	g->refs[g->n++] = ref;
}

/* Units of systemd are nobody's containers. */
static bool is_unit(struct piece s)
{
	return piece_ends(s, ".slice") || piece_ends(s, ".service") || piece_ends(s, ".scope") ||
	       piece_ends(s, ".mount") || piece_ends(s, ".socket") || piece_ends(s, ".swap");
}

/* Scopes of people's sessions and programs, not "<prefix>-<id>.scope" of runc. */
static bool is_login(struct piece s)
{
	return piece_starts(s, "session-") || piece_starts(s, "app-") || piece_starts(s, "run-");
}

static void guess_line(struct guesses *g, const struct path *path)
{
	static const struct piece none = { "", 0 };

	for (size_t i = path->n; i-- > 0;) {
		struct piece s = path->at[i];
		const char *dash = memchr(s.p, '-', s.len);

		if (is_hex_id(s))
			guess(g, "", none, s);
		if (!dash || !piece_ends(s, ".scope") || is_login(s))
			continue;
		s.len -= strlen(".scope");
		guess(g, "runc", none, piece_skip(s, (size_t)(dash - s.p) + 1));
	}
	if (!path->n || is_unit(path->at[0]))
		return;
	if (path->n > 1 && !is_unit(path->at[1]))
		guess(g, "containerd", path->at[0], path->at[1]);
	guess(g, "runc", none, path->at[0]);
}

size_t container_guesses(const char *text, struct container_ref ret[CONTAINER_GUESSES_MAX])
{
	struct guesses g = { .refs = ret };
	struct piece line;

	while (next_line(&text, &line)) {
		struct path path = split(line);

		guess_line(&g, &path);
	}
	return g.n;
}
