/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-differs: is what an engine was asked for what the kernel does? Of docker from its
 * hostconfig.json and config.v2.json, of the others from the OCI configuration that their runtime
 * was given.
 */
#include <string.h>

#include "audit/container-state.h"
#include "audit/tables.h"
#include "base/cleanup.h"
#include "host/security/caps.h"

static bool not_declared(struct audit *a, const struct audit_check *c,
			 const struct audit_container *ct)
{
	if ((ct->config && ct->host_config) || ct->oci)
		return false;
	if (ct->config_path[0])
		(void)container_note(a, c, ct, AUDIT_UNKNOWN, ct->config_path, "cannot be read");
	else
		(void)container_note(a, c, ct, AUDIT_UNKNOWN, "/proc", "no file of %s tells",
				     ct->v->c.engine);
	return true;
}

/* Of SecurityOpt: "seccomp=unconfined", "no-new-privileges:true"; NULL where there is none. */
static const char *security_option(const struct audit_container *ct, const char *name)
{
	json_t *list = json_object_get(ct->host_config, "SecurityOpt"), *j;
	size_t i, len = strlen(name);

	json_array_foreach(list, i, j)
	{
		const char *text = json_string_value(j);

		if (!text || strncmp(text, name, len) != 0)
			continue;
		if (!text[len])
			return "true";
		if (text[len] == '=' || text[len] == ':')
			return text + len + 1;
	}
	return NULL;
}

/* A profile that forbids nothing is none: docker-bench looks for the word "unconfined" alone. */
static bool forbids_nothing(const json_t *profile)
{
	const char *action = json_get_str(profile, "defaultAction");
	json_t *calls, *call;
	size_t i;

	if (!action ||
	    (strcmp(action, "SCMP_ACT_ALLOW") != 0 && strcmp(action, "SCMP_ACT_LOG") != 0))
		return false;
	calls = json_object_get(profile, "syscalls");
	json_array_foreach(calls, i, call)
	{
		action = json_get_str(call, "action");
		if (action && strcmp(action, "SCMP_ACT_ALLOW") != 0 &&
		    strcmp(action, "SCMP_ACT_LOG") != 0)
			return false;
	}
	return true;
}

static void note_profile(struct audit *a, const struct audit_check *c,
			 const struct audit_container *ct, const json_t *profile)
{
	bool nothing = forbids_nothing(profile);

	(void)container_note(a, c, ct, nothing ? AUDIT_FAIL : AUDIT_INFO, ct->host_config_path,
			     "seccomp: a profile of one's own%s",
			     nothing ? ", which forbids nothing" : "");
}

static void check_profile(struct audit *a, const struct audit_check *c,
			  const struct audit_container *ct)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	const json_t *oci = json_object_get(json_object_get(ct->oci, "linux"), "seccomp");
	const char *profile = security_option(ct, "seccomp");

	if (not_declared(a, c, ct))
		return;
	if (ct->oci) {
		bool nothing = oci && forbids_nothing(oci);

		(void)container_note(a, c, ct, nothing ? AUDIT_FAIL : AUDIT_PASS, ct->oci_path,
				     "linux.seccomp: %s",
				     nothing ? "forbids nothing" : (oci ? "forbids some" : "none"));
	} else if (profile && profile[0] == '{' &&
		   json_parse(profile, strlen(profile), DECLARED_MAX, "seccomp", &j, NULL) == 0) {
		note_profile(a, c, ct, j);
	} else {
		(void)container_note(a, c, ct, AUDIT_PASS, ct->host_config_path, "seccomp: %s",
				     profile ? profile : "the engine's");
	}
}

/* "0", "root", "0:0", "00", "+0", "" are root. */
static bool is_root_user(const char *user)
{
	size_t len = user ? strcspn(user, ":") : 0, zeros;

	if (!len)
		return true;
	if (len == 4 && strncmp(user, "root", 4) == 0)
		return true;
	zeros = strspn(user + (user[0] == '+'), "0") + (user[0] == '+');
	return zeros == len && strncmp(user, "+:", 2) != 0;
}

/* One thing that the engine was asked for, beside what the kernel does. */
static void differ(struct audit *a, struct finding *f, const char *file, bool declared,
		   enum fact effective, const char *what)
{
	if (effective == FACT_UNKNOWN || declared == (effective == FACT_YES))
		return;
	if (f)
		f->verdict = AUDIT_WARN;
	audit_sawf(a, f, file, "%s: declared %s, in force %s", what, declared ? "yes" : "no",
		   fact_name(effective));
}

static enum fact fact_of(bool yes)
{
	return yes ? FACT_YES : FACT_NO;
}

static bool is_host_mode(const struct audit_container *ct, const char *key)
{
	const char *mode = json_get_str(ct->host_config, key);

	return mode && strcmp(mode, "host") == 0;
}

/* "container:ID" shares another's, which may be the host's. */
static bool is_shared_mode(const struct audit_container *ct, const char *key)
{
	const char *mode = json_get_str(ct->host_config, key);

	return mode && strncmp(mode, "container:", 10) == 0;
}

static void docker_differs(struct audit *a, struct finding *f, const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	const char *path = ct->host_config_path, *nnp = security_option(ct, "no-new-privileges");
	bool privileged = json_is_true(json_object_get(ct->host_config, "Privileged"));

	if (s->privileged != PRIVILEGED_UNKNOWN)
		differ(a, f, path, privileged, fact_of(s->privileged != PRIVILEGED_NO),
		       "privileged");
	if (nnp && strcmp(nnp, "true") == 0)
		differ(a, f, path, true, s->no_new_privs, "no-new-privileges");
	differ(a, f, path, json_is_true(json_object_get(ct->host_config, "ReadonlyRootfs")),
	       s->root_read_only, "read-only root");
	if (!is_root_user(json_get_str(json_object_get(ct->config, "Config"), "User")))
		differ(a, f, ct->config_path, false, s->real_root, "root");
	if (!is_shared_mode(ct, "NetworkMode"))
		differ(a, f, path, is_host_mode(ct, "NetworkMode"), s->ns_host[NS_NET],
		       "the host's network");
	if (!is_shared_mode(ct, "PidMode"))
		differ(a, f, path, is_host_mode(ct, "PidMode"), s->ns_host[NS_PID],
		       "the host's processes");
	if (!privileged && s->seccomp != SECCOMP_UNKNOWN) {
		const char *profile = security_option(ct, "seccomp");

		differ(a, f, path, !profile || strcmp(profile, "unconfined") != 0,
		       fact_of(s->seccomp != SECCOMP_OFF), "a seccomp filter");
	}
}

/* Is the namespace the host's, by the configuration? Unknown where a path names another's. */
static enum fact oci_shares(const json_t *oci, const char *type)
{
	json_t *list = json_object_get(json_object_get(oci, "linux"), "namespaces"), *ns;
	size_t i;

	json_array_foreach(list, i, ns)
	{
		const char *name = json_get_str(ns, "type");

		if (name && strcmp(name, type) == 0)
			return json_get_str(ns, "path") ? FACT_UNKNOWN : FACT_NO;
	}
	return FACT_YES;
}

static uint64_t oci_caps(const json_t *oci)
{
	json_t *caps = json_object_get(json_object_get(oci, "process"), "capabilities"), *name;
	uint64_t set = 0;
	size_t i;

	json_array_foreach(json_object_get(caps, "permitted"), i, name)
	{
		int number = json_is_string(name) ? cap_number(json_string_value(name)) : -1;

		if (number >= 0)
			set |= CAP_BIT(number);
	}
	return set;
}

static void oci_caps_differ(struct audit *a, struct finding *f, const struct audit_container *ct)
{
	const struct security *s = &ct->v->s;
	uint64_t more = (s->caps.permitted | s->caps.effective) & ~oci_caps(ct->oci);
	char text[256];

	/* In a user namespace that it made itself a process has all. */
	if (!more || !security_has_caps_on_host(s))
		return;
	caps_text(more, text, sizeof(text));
	if (f)
		f->verdict = AUDIT_WARN;
	audit_sawf(a, f, ct->oci_path, "capabilities that were not declared: %s", text);
}

static void oci_differs(struct audit *a, struct finding *f, const struct audit_container *ct)
{
	static const struct {
		const char *type, *what;
		enum namespace_kind kind;
	} shared[] = { { "network", "the host's network", NS_NET },
		       { "pid", "the host's processes", NS_PID },
		       { "ipc", "the host's shared memory", NS_IPC } };
	const json_t *process = json_object_get(ct->oci, "process");
	const json_t *linux_ = json_object_get(ct->oci, "linux");
	const json_t *uid = json_object_get(json_object_get(process, "user"), "uid");
	const struct security *s = &ct->v->s;

	if (json_is_true(json_object_get(process, "noNewPrivileges")))
		differ(a, f, ct->oci_path, true, s->no_new_privs, "no-new-privileges");
	differ(a, f, ct->oci_path,
	       json_is_true(json_object_get(json_object_get(ct->oci, "root"), "readonly")),
	       s->root_read_only, "read-only root");
	if (json_integer_value(uid) > 0 || json_array_size(json_object_get(linux_, "uidMappings")))
		differ(a, f, ct->oci_path, false, s->real_root, "root");
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		enum fact host = oci_shares(ct->oci, shared[i].type);

		if (host != FACT_UNKNOWN)
			differ(a, f, ct->oci_path, host == FACT_YES, s->ns_host[shared[i].kind],
			       shared[i].what);
	}
	if (s->seccomp != SECCOMP_UNKNOWN)
		differ(a, f, ct->oci_path, json_object_get(linux_, "seccomp") != NULL,
		       fact_of(s->seccomp != SECCOMP_OFF), "a seccomp filter");
	oci_caps_differ(a, f, ct);
}

static void check_differs(struct audit *a, const struct audit_check *c,
			  const struct audit_container *ct)
{
	struct finding *f;

	if (not_declared(a, c, ct))
		return;
	f = audit_find(a, c, ct->subject, AUDIT_PASS);
	if (ct->oci)
		oci_differs(a, f, ct);
	else
		docker_differs(a, f, ct);
	if (f && !f->n_seen)
		audit_saw(a, f, ct->oci ? ct->oci_path : ct->host_config_path,
			  "as the kernel has it");
}

static const struct audit_check rows[] = {
	{ .id = "container.seccomp-profile",
	  .title = "a seccomp profile forbids something",
	  .why = "one that allows all looks like a filter, to the kernel and to other tools",
	  .fix = "the engine's default profile, or one made from it",
	  .source = "Oakum",
	  .severity = AUDIT_HIGH,
	  .run_container = check_profile },
	{ .id = "container.differs",
	  .title = "the container is what its engine was asked for",
	  .why = "what was declared and what is in force differ: the parts of privileged were given "
		 "one by one, or it was changed from outside",
	  .fix = "start it anew with what is meant",
	  .source = "Oakum",
	  .severity = AUDIT_MEDIUM,
	  .run_container = check_differs },
};

const struct audit_table audit_differs = {
	.group = "containers-differ",
	.title = "Containers: declared and in force",
	.source = "Oakum",
	AUDIT_ROWS(rows),
};
