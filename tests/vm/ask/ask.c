/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask: makes the kernel ask for modules as a user without privileges does, and says which came.
 *
 * usage: ask <ALIASES      as root; an alias a line, as in modules.alias
 *
 * Each alias is asked for by a process of its own with uid 1000 and no capability, by the system
 * call that makes the kernel run "modprobe ALIAS"; where that needs a capability, the process has
 * it in a user namespace that it made itself. Nothing here runs modprobe.
 *
 * Prints a line an alias, as in tests/cli/module-autoload-debian12.tsv: actor, alias, and the names
 * of the modules that are in /proc/modules now and were not before; actor "nobody" where no way is
 * known here.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_alg.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "ask.h"

#define USER        1000
#define SECONDS_MAX 20 /* for one alias */
#define LIST_MAX    ((size_t)256 << 10)

enum {
	UNDERSTOOD = 0,
	NO_WAY = 3,
};

int ask_number(const char **text)
{
	int n = -1;

	for (; **text >= '0' && **text <= '9' && n < 1000000; (*text)++)
		n = (n < 0 ? 0 : n) * 10 + (**text - '0');
	return n;
}

bool ask_skip(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len) != 0)
		return false;
	*text += len;
	return true;
}

static void ask_sockets(int family, int protocol)
{
	for (int type = SOCK_STREAM; type <= SOCK_SEQPACKET; type++) {
		int fd = socket(family, type | SOCK_CLOEXEC, protocol);

		if (fd >= 0)
			(void)close(fd);
		else if (errno == EAFNOSUPPORT)
			return;
	}
}

/* FAMILY[-proto-PROTOCOL[-type-TYPE]] */
static bool ask_family(const char *rest)
{
	int family = ask_number(&rest);
	int protocol = ask_skip(&rest, "-proto-") ? ask_number(&rest) : 0;

	if (family < 0 || protocol < 0)
		return false;
	ask_sockets(family, protocol);
	return true;
}

static bool ask_can(const char *rest)
{
	ask_sockets(AF_CAN, ask_number(&rest));
	return true;
}

static bool ask_bluetooth(const char *rest)
{
	ask_sockets(AF_BLUETOOTH, ask_number(&rest));
	return true;
}

/* Return: whether there are such sockets. */
static bool ask_alg(const char *type, const char *name)
{
	struct sockaddr_alg address = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	(void)snprintf((char *)address.salg_type, sizeof(address.salg_type), "%s", type);
	(void)snprintf((char *)address.salg_name, sizeof(address.salg_name), "%s", name);
	(void)bind(fd, (const struct sockaddr *)&address, sizeof(address));
	(void)close(fd);
	return true;
}

static bool ask_alg_type(const char *rest)
{
	(void)ask_alg(rest, "none");
	return true;
}

static bool ask_crypto(const char *rest)
{
	static const char *const types[] = { "hash", "skcipher", "aead", "rng" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!ask_alg(types[i], rest))
			break;
	return true;
}

static bool ask_line_discipline(const char *rest)
{
	int discipline = ask_number(&rest);
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (discipline < 0 || fd < 0)
		return false;
	(void)ioctl(fd, TIOCSETD, &discipline);
	(void)close(fd);
	return true;
}

static bool ask_file_system(const char *rest)
{
	(void)mount("none", "/tmp", rest, 0, NULL);
	return true;
}

/* The first prefix that fits is the one. */
static const struct way {
	const char *prefix;
	bool userns;
	bool (*ask)(const char *rest);
} ways[] = {
	{ "net-pf-16-proto-16-family-", false, ask_generic },
	{ "net-pf-16-proto-4-type-", false, ask_diag },
	{ "net-pf-16-proto-", false, ask_netlink },
	{ "net-pf-", false, ask_family },
	{ "can-proto-", false, ask_can },
	{ "bt-proto-", false, ask_bluetooth },
	{ "rdma-netlink-subsys-", false, ask_rdma },
	{ "algif_", false, ask_alg_type },
	{ "crypto-", false, ask_crypto },
	{ "tty-ldisc-", false, ask_line_discipline },
	{ "rtnl-link-", true, ask_link },
	{ "sch_", true, ask_qdisc },
	{ "cls_", true, ask_filter },
	{ "act_", true, ask_action },
	{ "xfrm-type-", true, ask_xfrm },
	{ "nfnetlink-subsys-", true, ask_nfnetlink },
	{ "ipt_", true, ask_ipt },
	{ "ip6t_", true, ask_ip6t },
	{ "arpt_", true, ask_arpt },
	{ "ebt_", true, ask_ebt },
	{ "ip_set_", true, ask_ipset },
	{ "nft-expr-", true, ask_nft_expression },
	{ "nft-obj-", true, ask_nft_object },
	{ "fs-", true, ask_file_system },
};

static const struct way *way_of(const char *alias)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strncmp(alias, ways[i].prefix, strlen(ways[i].prefix)) == 0)
			return &ways[i];
	return NULL;
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return done;
}

/* From root to a user like any other; what it owns in /proc is its own again. */
static bool become_user(void)
{
	return setgroups(0, NULL) == 0 && setgid(USER) == 0 && setuid(USER) == 0 &&
	       prctl(PR_SET_DUMPABLE, 1) == 0;
}

static bool become_root_of_a_namespace(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) == 0 &&
	       write_file("/proc/self/setgroups", "deny") &&
	       write_file("/proc/self/uid_map", "0 1000 1") &&
	       write_file("/proc/self/gid_map", "0 1000 1");
}

static int run(const struct way *way, const char *alias)
{
	(void)alarm(SECONDS_MAX);
	if (!become_user() || (way->userns && !become_root_of_a_namespace())) {
		perror("ask: becoming a user");
		return 1;
	}
	return way->ask(alias + strlen(way->prefix)) ? UNDERSTOOD : NO_WAY;
}

/* Return: its status; 1 where it ended by a signal. */
static int run_in_process(const struct way *way, const char *alias)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run(way, alias));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

/* What /proc/modules has, which begins with what came last. */
static bool read_modules(char list[LIST_MAX])
{
	size_t len = 0;
	ssize_t n = 1;
	int fd = open("/proc/modules", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && n > 0 && len < LIST_MAX - 1) {
		n = read(fd, list + len, LIST_MAX - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	list[len] = '\0';
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 && n == 0;
}

/* Is there a line that begins with these bytes, the blank behind the name being the last? */
static bool has(const char *list, const char *name, size_t len)
{
	for (const char *line = list; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0)
			return true;
	}
	return false;
}

static void print_new(const char *before, const char *after)
{
	const char *separator = "";

	for (const char *line = after; line && *line; line = strchr(line, '\n')) {
		size_t len;

		line += *line == '\n';
		len = strcspn(line, " ");
		if (len == 0 || has(before, line, len + 1))
			continue;
		printf("%s%.*s", separator, (int)len, line);
		separator = " ";
	}
}

static int ask(const char *alias, char before[LIST_MAX], char after[LIST_MAX])
{
	const struct way *way = way_of(alias);
	int status = NO_WAY;

	if (!read_modules(before))
		return 1;
	if (way)
		status = run_in_process(way, alias);
	if (!read_modules(after))
		return 1;
	printf("%s\t%s\t",
	       !way || status == NO_WAY ? "nobody"
	       : way->userns            ? "uid1000-in-new-userns"
					: "uid1000-nocaps",
	       alias);
	print_new(before, after);
	(void)putchar('\n');
	return status == 1;
}

int main(void)
{
	static char before[LIST_MAX], after[LIST_MAX];
	char alias[256];
	int failed = 0;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(alias, sizeof(alias), stdin)) {
		alias[strcspn(alias, "\n")] = '\0';
		if (*alias && ask(alias, before, after) != 0) {
			(void)fprintf(stderr, "ask: %s: could not be asked for\n", alias);
			failed = 1;
		}
	}
	return failed;
}
