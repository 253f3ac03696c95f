/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit-rules: rules of the kernel's audit, as auditd loads them. Pure.
 *
 *	-w /etc/docker -p wa -k docker
 *	-a always,exit -F path=/usr/bin/dockerd -F perm=x -k docker
 *	-a always,exit -F dir=/var/lib/docker -F perm=wa
 *
 * A watch of a folder covers all below it. Source: audit.rules(7), auditctl(8).
 */
#ifndef OAK_AUDIT_AUDIT_RULES_H
#define OAK_AUDIT_AUDIT_RULES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Is @path watched? @ret_line: the rule, borrowed from @text, and its length. A rule "never" is
 * none, and one that is taken back by "-D" or "-W" later neither.
 */
bool audit_rules_watch(const char *text, const char *path, const char **ret_line, size_t *ret_len);

#endif
