#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The documents as a static site: "make docs-site" writes BUILD/site, by Debian's mkdocs. Manual pages come
# along, by mandoc. Whoever reads it asks no other server for anything.
set -eu
cd "$(dirname "$0")/.."
build=$(realpath -m "${BUILD:-build}")
work=$build/site.src
rm -rf "$work" "$build/site"
mkdir -p "$work/docs"
cp -R docs/. "$work/docs/"
rm -rf "$work/docs/site.sh" "$work/docs/man/meson.build"

# Where a document names a file of the source tree, a reader of the site has none: the words stay.
find "$work/docs" -name '*.md' -exec sed -i -E 's#\[([^]]*)\]\((\.\./)+(src|tests|packaging|ci|include|demo|README|Makefile|web)[^)]*\)#\1#g' {} +

pages=''
for page in docs/man/*.[1-8]; do
    name=$(basename "$page")
    {
        printf '# %s\n\n' "${name%.*}(${name##*.})"
        mandoc -T html -O fragment "$page" | sed -e 's/^[[:space:]]*$//' -e '/^$/d'
    } >"$work/docs/man/$name.md"
    rm "$work/docs/man/$name"
    pages="$pages
    - ${name%.*}(${name##*.}): man/$name.md"
done
decisions=''
for file in docs/decisions/*.md; do
    decisions="$decisions
    - '$(sed -n '1s/^# *//p' "$file" | tr -d "'")': decisions/${file##*/}"
done
formats=''
for file in docs/formats/*.md; do
    formats="$formats
    - formats/${file##*/}"
done
[ -e "$work/docs/index.md" ] || cat >"$work/docs/index.md" <<'END'
# Oakum

Live kernel patches for container hosts: no reboot, no container restarted, nothing loaded that was not verified.

- New here? [Installing](installing.md), then [for the operator](guide-operator.md).
- What is promised, and how to check it: [for the security officer](guide-security.md).
- How the parts fit together: [architecture](architecture.md). How others do it: [comparison](comparison.md).
END
has() { [ ! -e "$work/docs/$2" ] || printf '    - %s: %s\n' "$1" "$2"; }
{
    cat <<END
site_name: Oakum
docs_dir: docs
site_dir: $build/site
use_directory_urls: false
theme:
  name: mkdocs
  highlightjs: false
plugins: [search]
markdown_extensions: [tables, toc, fenced_code]
nav:
  - Home: index.md
  - Operating:
END
    has 'For the operator' guide-operator.md
    has Installing installing.md
    has 'A fleet' fleet.md
    has Rollouts rollouts.md
    has Kubernetes kubernetes.md
    has 'Monitoring, other ways in' monitoring.md
    has Scaling scaling.md
    has 'Coming from KernelCare' coming-from-kernelcare.md
    echo '  - Security:'
    has 'For the security officer' guide-security.md
    has 'Signing in; ASVS' security.md
    has Keys keys.md
    has Checks checks.md
    has Reach reach.md
    has VEX vex.md
    echo '  - Publishing:'
    has 'Author guide' author-guide.md
    has Refusals refusals.md
    has Serving serving.md
    has Trials trials.md
    has 'Notes on the corpus' corpus-notes.md
    echo '  - More:'
    has Architecture architecture.md
    has Comparison comparison.md
    has Hacking HACKING.md
    printf '  - Manual pages:%s\n  - Formats:%s\n  - Decisions:%s\n' "$pages" "$formats" "$decisions"
} >"$work/mkdocs.yml"
mkdocs build --strict -f "$work/mkdocs.yml"
rm -rf "$work"
