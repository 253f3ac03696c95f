/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-priv: a part of agent/fleet/facts.c that has a file of its own. */
#ifndef OAK_AGENT_FLEET_FACTS_PRIV_H
#define OAK_AGENT_FLEET_FACTS_PRIV_H

#include <jansson.h>

/* The member "cves"; NULL: there is no database, or it cannot be used here. */
json_t *fleet_facts_cves(int root);

#endif
