# SPDX-License-Identifier: GPL-2.0-or-later
# What OpenVEX 0.2.0 asks of a document, written down from its specification: no registry that CI
# reaches has its schema. One line for each thing that is not so.
def time: test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$");
def iri: test("^[a-z][a-z0-9+.-]*:[^ ]+$");
def only($known): keys - $known | map("unknown member \(.)");
def want($what; $so): if $so then empty else $what end;

def product:
    (only(["@id", "identifiers", "hashes", "subcomponents"])[]),
    want("a product without a package URL"; .["@id"] | iri and startswith("pkg:")),
    want("identifiers that are not its own"; .identifiers == {purl: .["@id"]});

def statement:
    (only(["@id", "version", "vulnerability", "timestamp", "last_updated", "products", "status",
           "supplier", "status_notes", "justification", "impact_statement", "action_statement",
           "action_statement_timestamp"])[]),
    (.vulnerability | only(["@id", "name", "description", "aliases"])[]),
    want("no vulnerability"; .vulnerability.name | test("^CVE-[0-9]{4}-[0-9]{4,}$")),
    want("no product"; .products | length > 0 and (unique | length) == length),
    (.products[] | product),
    want("status"; .status | IN("not_affected", "affected", "fixed", "under_investigation")),
    want("one of justification and impact, where it is not affected";
        .status != "not_affected" or (has("justification") != has("impact_statement"))),
    want("a justification of another status"; .status == "not_affected" or (has("justification") | not)),
    want("justification"; .justification // "component_not_present" | IN("component_not_present",
        "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
        "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist")),
    want("what to do, where it is affected"; .status != "affected" or (.action_statement | length > 0));

only(["@context", "@id", "author", "role", "timestamp", "last_updated", "version", "tooling",
      "statements"])[],
want("context"; .["@context"] == "https://openvex.dev/ns/v0.2.0"),
want("id"; .["@id"] | iri),
want("author"; .author | length > 0),
want("timestamp"; .timestamp | time),
want("last_updated"; .last_updated | time),
want("version"; .version >= 1 and .version == (.version | floor)),
want("a statement at least"; .statements | length > 0 and (unique | length) == length),
(.statements[] | .vulnerability.name as $id | statement | "\($id): \(.)")
