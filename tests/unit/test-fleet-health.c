/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fleet as a plugin of Nagios tells it. */
#include "test.h"

#include "cli/fleet/health.h"

static const struct {
	const char *name, *overview, *line;
	enum fleet_health health;
} cases[] = {
	{ "quiet",
	  "{'hosts':{'total':40,'silent':0,'by':{'verdict':{'ok':40}}},'stop':{'stopped':false},"
	  "'rollouts':[]}",
	  "OAKUM FLEET OK - 40 hosts"
	  " | hosts=40;;;0; silent=0;1;8;0;40 critical=0;;;0;40\n",
	  FLEET_OK },
	{ "no host yet",
	  "{'hosts':{'total':0,'silent':0,'by':{}},'stop':{'stopped':false},'rollouts':[]}",
	  "OAKUM FLEET OK - 0 hosts | hosts=0;;;0; silent=0;0;0;0;0 critical=0;;;0;0\n", FLEET_OK },
	{ "one of forty silent is more than two percent",
	  "{'hosts':{'total':40,'silent':1,'by':{'verdict':{'ok':39,'critical':1}}},"
	  "'stop':{'stopped':false},'rollouts':[]}",
	  "OAKUM FLEET WARNING - 1 of 40 hosts are silent; 1 hosts call their own state critical;"
	  " 40 hosts | hosts=40;;;0; silent=1;1;8;0;40 critical=1;;;0;40\n",
	  FLEET_WARNING },
	{ "one of a hundred is not",
	  "{'hosts':{'total':100,'silent':1,'by':{}},'stop':{'stopped':false},'rollouts':[]}",
	  "OAKUM FLEET OK - 100 hosts | hosts=100;;;0; silent=1;2;20;0;100 critical=0;;;0;100\n",
	  FLEET_OK },
	{ "a fifth",
	  "{'hosts':{'total':10,'silent':2,'by':{}},'stop':{'stopped':false},'rollouts':[]}",
	  "OAKUM FLEET CRITICAL - 2 of 10 hosts are silent; 10 hosts"
	  " | hosts=10;;;0; silent=2;1;2;0;10 critical=0;;;0;10\n",
	  FLEET_CRITICAL },
	{ "rollouts, the worst first; nobody ends the text",
	  "{'hosts':{'total':3,'silent':0,'by':{}},'stop':{'stopped':false},'rollouts':["
	  "{'name':'a','phase':'running','why':''},"
	  "{'name':'b|c','phase':'halted','why':'3 of 40\\nfailed'},"
	  "{'name':'d','phase':'pending-approval','why':'waits for a second person'},"
	  "{'name':'e','phase':'paused','why':'by a person'}]}",
	  "OAKUM FLEET CRITICAL - rollout b?c is halted: 3 of 40?failed; rollout e is paused: by a"
	  " person; rollout d waits for approval: waits for a second person; rollout a is running; 3 hosts"
	  " | hosts=3;;;0; silent=0;1;1;0;3 critical=0;;;0;3\n",
	  FLEET_CRITICAL },
	{ "emergency stop",
	  "{'hosts':{'total':3,'silent':0,'by':{}},'stop':{'stopped':true,'why':'bad level',"
	  "'who':'token:all','since':1},'rollouts':[]}",
	  "OAKUM FLEET CRITICAL - emergency stop by token:all: bad level; 3 hosts"
	  " | hosts=3;;;0; silent=0;1;1;0;3 critical=0;;;0;3\n",
	  FLEET_CRITICAL },
};

static json_t *parse(const char *text)
{
	_cleanup_(freep) char *json = strdup(text);

	for (char *p = json; *p; p++)
		if (*p == '\'')
			*p = '"';
	return json_loads(json, 0, NULL);
}

TEST(lines_of_a_fleet)
{
	const struct fleet_limits limits = FLEET_LIMITS_OTHERWISE;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oak_error err = { 0 };
		struct buf line = { 0 };
		enum fleet_health health = FLEET_UNKNOWN;
		json_t *overview = parse(cases[i].overview);

		test_case = cases[i].name;
		EXPECT(fleet_health_line(overview, &limits, &line, &health, &err) == 0);
		EXPECT_STR(buf_str(&line), cases[i].line);
		EXPECT(health == cases[i].health);
		json_decref(overview);
		buf_free(&line);
	}
	test_case = NULL;
}

TEST(what_is_no_overview)
{
	const struct fleet_limits limits = FLEET_LIMITS_OTHERWISE;
	struct oak_error err = { 0 };
	struct buf line = { 0 };
	enum fleet_health health = FLEET_UNKNOWN;
	json_t *other = parse("{'hosts':[]}");

	EXPECT(fleet_health_line(other, &limits, &line, &health, &err) == -OAK_E_FORMAT);
	EXPECT_STR(err.msg, "the answer is no overview of a fleet");
	EXPECT(fleet_health_line(NULL, &limits, &line, &health, &err) == -OAK_E_FORMAT);
	EXPECT(line.len == 0 && health == FLEET_UNKNOWN);
	json_decref(other);
}
