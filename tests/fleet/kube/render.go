// SPDX-License-Identifier: GPL-2.0-or-later

// render: the part of "helm template" that our chart uses, from Debian's Go libraries: the same template language,
// Sprig's functions, the same objects (.Values, .Release, .Chart, .Capabilities), include, required, fail, toYaml.
// What it does not have (lookup, tpl, .Files, subcharts) our chart does not use; a use of it fails here.
//
// usage: render CHART [-f FILE]... [--set KEY=VALUE]... [--set-file KEY=FILE]... [--kube VERSION] [--service NAME] [--json | --notes]
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type object = map[string]interface{}

func die(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

func read(path string) object {
	text, err := os.ReadFile(path)
	die(err)
	o := object{}
	die(yaml.Unmarshal(text, &o))
	return o
}

// As Helm does it: objects are merged, all else is replaced, null takes away.
func merge(to, from object) {
	for key, value := range from {
		a, isA := to[key].(object)
		b, isB := value.(object)
		if isA && isB {
			merge(a, b)
		} else if value == nil {
			delete(to, key)
		} else {
			to[key] = value
		}
	}
}

func set(values object, path string, value interface{}) {
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		next, ok := values[key].(object)
		if !ok {
			next = object{}
			values[key] = next
		}
		values = next
	}
	values[keys[len(keys)-1]] = value
}

func typed(text string) interface{} {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if text == "true" || text == "false" {
		return text == "true"
	}
	return text
}

func functions(t *template.Template) template.FuncMap {
	f := sprig.TxtFuncMap()
	delete(f, "env")
	delete(f, "expandenv")
	f["toYaml"] = func(v interface{}) string {
		text, err := yaml.Marshal(v)
		die(err)
		return strings.TrimSuffix(string(text), "\n")
	}
	f["include"] = func(name string, data interface{}) (string, error) {
		var b bytes.Buffer
		err := t.ExecuteTemplate(&b, name, data)
		return b.String(), err
	}
	f["required"] = func(message string, v interface{}) (interface{}, error) {
		if s, ok := v.(string); v == nil || (ok && s == "") {
			return nil, errors.New(message)
		}
		return v, nil
	}
	f["fail"] = func(message string) (string, error) { return "", errors.New(message) }
	return f
}

func main() {
	chart := os.Args[1]
	values := read(filepath.Join(chart, "values.yaml"))
	kube, notes, json, service := "v1.30.0", false, false, "Helm"
	for args := os.Args[2:]; len(args) > 0; args = args[1:] {
		name := args[0]
		if name == "--notes" {
			notes = true
			continue
		}
		if name == "--json" {
			json = true
			continue
		}
		args = args[1:]
		pair := strings.SplitN(args[0], "=", 2)
		switch name {
		case "-f":
			merge(values, read(args[0]))
		case "--set":
			set(values, pair[0], typed(pair[1]))
		case "--set-file":
			text, err := os.ReadFile(pair[1])
			die(err)
			set(values, pair[0], string(text))
		case "--service":
			service = args[0]
		case "--kube":
			kube = args[0]
		default:
			die(fmt.Errorf("unknown option %s", name))
		}
	}
	meta := read(filepath.Join(chart, "Chart.yaml"))
	data := object{
		"Values":       values,
		"Release":      object{"Name": "oakum", "Namespace": "oakum", "Service": service},
		"Chart":        object{"Name": meta["name"], "Version": meta["version"], "AppVersion": meta["appVersion"]},
		"Capabilities": object{"KubeVersion": object{"Version": kube}},
	}
	t := template.New("chart").Option("missingkey=zero")
	t.Funcs(functions(t))
	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	die(err)
	sort.Strings(files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		die(err)
		_, err = t.New(filepath.Base(file)).Parse(string(text))
		die(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "_") || (name == "NOTES.txt") != notes {
			continue
		}
		var b bytes.Buffer
		die(t.ExecuteTemplate(&b, name, data))
		text := strings.TrimSpace(strings.ReplaceAll(b.String(), "<no value>", ""))
		if notes {
			fmt.Println(text)
			continue
		}
		for _, doc := range strings.Split("\n"+text, "\n---") {
			if strings.TrimSpace(doc) == "" {
				continue
			}
			if json {
				text, err := yaml.YAMLToJSON([]byte(doc))
				die(err)
				fmt.Println(string(text))
			} else {
				fmt.Printf("---\n# Source: oakum/templates/%s\n%s\n", name, strings.TrimSpace(doc))
			}
		}
	}
}
