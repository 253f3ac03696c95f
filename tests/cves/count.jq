# SPDX-License-Identifier: GPL-2.0-or-later
# The rule of the kernel's CVE authority once more, in another language: jq -n --argjson versions
# '["6.1.170"]' -f count.jq RECORDS... prints, a line a version, how many are affected, fixed, not
# affected, and neither (rejected, reserved). With --argjson one true: a line a record.

# [major, minor, patch, sub, candidate]; a release comes after its candidates. jq orders arrays so.
def version:
    (split("-rc")) as $parts
    | ($parts[0] | split(".") | map(tonumber)) as $n
    | [$n[0], $n[1] // 0, $n[2] // 0, $n[3] // 0, if $parts[1] then ($parts[1] | tonumber) else 9999 end];
def same_start($prefix): .[0:($prefix | length)] == $prefix;

def lies_in($v):
    (if .version == "0" then [0, 0, 0, 0, 0] else (.version | version) end) as $lo
    | $lo <= $v and
      (if .lessThan then $v < (.lessThan | version)
       elif .lessThanOrEqual == "*" then true
       elif .lessThanOrEqual and (.lessThanOrEqual | endswith(".*")) then
           (.lessThanOrEqual | rtrimstr(".*") | split(".") | map(tonumber)) as $prefix
           | ($v | same_start($prefix))
       elif .lessThanOrEqual then $v <= (.lessThanOrEqual | version)
       else $lo == $v end);

def entry_affected($v):
    ([.versions[]? | select(.versionType != "git") | select(lies_in($v))] | first) as $hit
    | (if $hit then $hit.status else .defaultStatus end) == "affected";

def branch: if .[0] == 2 then .[0:3] else .[0:2] end;
def knows_fix($v):
    if .status == "affected" then
        .lessThan != null and (.lessThan | version) <= $v and
        ((if .version == "0" then [0, 0] else (.version | version | branch) end) == ($v | branch))
    else
        .version != "0" and lies_in($v) and
        (.versionType == "original_commit_for_fix" or ((.lessThanOrEqual // "") | endswith("*")))
    end;

def verdict($v):
    if .cveMetadata.state != "PUBLISHED" then "none"
    else
        [.containers.cna.affected[] | select(.product == "Linux")] as $entries
        | if any($entries[]; entry_affected($v)) then "affected"
          elif any($entries[].versions[]? | select(.versionType != "git"); knows_fix($v)) then "fixed"
          else "not" end
    end;

($versions | map({ text: ., v: version })) as $asked
| if $one then
    inputs as $r | $asked[] | [$r.cveMetadata.cveId, .text, (.v as $v | $r | verdict($v))] | @tsv
  else
    reduce inputs as $r ({};
        reduce $asked[] as $a (.; .[$a.text][$r | verdict($a.v)] += 1))
    | . as $sum | $asked[].text
    | [., ($sum[.] | (.affected // 0), (.fixed // 0), (.not // 0), (.none // 0))] | @tsv
  end
