package workplace_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/assaysec/assay/internal/workplace"
)

// after is the hook's file as a plan leaves it, and what was set aside.
func after(f workplace.HookFile, p workplace.HookPlan) (file, aside workplace.HookFile) {
	if p.SetAside {
		aside, f = f, workplace.HookFile{Executable: true}
	}
	if p.Write != nil {
		f.Exists, f.Regular, f.Text = true, true, p.Write
		f.Executable = f.Executable || !f.Exists
	}
	return f, aside
}

var hooksThere = []struct {
	name string
	file workplace.HookFile
	plan workplace.HookPlan // without Write
}{
	{"none", workplace.HookFile{}, workplace.HookPlan{}},
	{"sh", script("#!/bin/sh\nexit 0\n"), workplace.HookPlan{Kept: true}},
	{"bash by env", script("#!/usr/bin/env bash\nset -eu\n"), workplace.HookPlan{Kept: true}},
	{"options", script("#! /bin/bash -e -u\ntrue"), workplace.HookPlan{Kept: true}},
	{"another path", script("#!/opt/homebrew/bin/zsh\ntrue\n"), workplace.HookPlan{Kept: true}},
	{"python", script("#!/usr/bin/env python3\npass\n"), workplace.HookPlan{SetAside: true, Kept: true}},
	{"fish", script("#!/usr/bin/fish\ntrue\n"), workplace.HookPlan{SetAside: true, Kept: true}},
	{"no first line", script("echo\n"), workplace.HookPlan{SetAside: true, Kept: true}},
	{"a first line alone", script("#!/bin/sh"), workplace.HookPlan{SetAside: true, Kept: true}},
	{"carriage returns", script("#!/bin/sh\r\necho\r\n"), workplace.HookPlan{SetAside: true, Kept: true}},
	{"another option", script("#!/bin/sh -c\n"), workplace.HookPlan{SetAside: true, Kept: true}},
	{"a program", script("\x7fELF\x00"), workplace.HookPlan{SetAside: true, Kept: true}},
	{"switched off", workplace.HookFile{Exists: true, Regular: true, Text: []byte("#!/bin/sh\n")}, workplace.HookPlan{SetAside: true, Kept: true}},
	{"a link", workplace.HookFile{Exists: true, Executable: true}, workplace.HookPlan{SetAside: true, Kept: true}},
	{"husky's", workplace.HookFile{Exists: true, Regular: true, Sourced: true, Text: []byte("npm test\n")}, workplace.HookPlan{Kept: true}},
}

func script(text string) workplace.HookFile {
	return workplace.HookFile{Exists: true, Regular: true, Executable: true, Text: []byte(text)}
}

// TestHook installs each hook beside what is there, twice, and takes it out again: the same bytes are left.
func TestHook(t *testing.T) {
	for _, test := range hooksThere {
		for _, hook := range workplace.Hooks {
			t.Run(test.name+"/"+hook, func(t *testing.T) {
				plan, err := test.file.Install(hook)
				if err != nil {
					t.Fatal(err)
				}
				installed, aside := after(test.file, plan)
				got := plan
				got.Write = nil
				if diff := cmp.Diff(test.plan, got); diff != "" {
					t.Errorf("plan (-want +got)\n%s", diff)
				}
				if state := installed.State(hook); state != workplace.HookCurrent && test.file.Exists {
					t.Errorf("state after: %s", state)
				}
				installed.Executable = true
				again, err := installed.Install(hook)
				if err != nil || again.SetAside || !bytes.Equal(again.Write, installed.Text) {
					t.Errorf("a second time: %+v, %v", again, err)
				}
				out, ok, err := installed.Uninstall()
				if err != nil || !ok {
					t.Fatalf("uninstall: %v, %v", ok, err)
				}
				switch {
				case plan.SetAside || !test.file.Exists:
					if !out.Restore || plan.SetAside && !bytes.Equal(aside.Text, test.file.Text) {
						t.Errorf("uninstall: %+v", out)
					}
				case !bytes.Equal(out.Write, test.file.Text):
					t.Errorf("uninstall leaves %q, want %q", out.Write, test.file.Text)
				}
			})
		}
	}
}

// TestHookIsPOSIX reads what is installed as a POSIX shell would, and lets the shell of this machine read it.
func TestHookIsPOSIX(t *testing.T) {
	for _, hook := range workplace.Hooks {
		for _, there := range []workplace.HookFile{{}, script("#!/bin/sh -eu\nexit 0\n")} {
			plan, err := there.Install(hook)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(bytes.NewReader(plan.Write), hook); err != nil {
				t.Errorf("%s: %v\n%s", hook, err, plan.Write)
			}
			if sh, err := exec.LookPath("sh"); err == nil {
				cmd := exec.Command(sh, "-n")
				cmd.Stdin = bytes.NewReader(plan.Write)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s: %v: %s", hook, err, out)
				}
			}
		}
	}
}

// TestHookWithoutProgram holds that on one's own machine a missing program may be passed over, and on a server never:
// there the gate is for those who would rather not be asked.
func TestHookWithoutProgram(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	for hook, optional := range map[string]bool{"pre-commit": true, "pre-push": true, "pre-receive": false} {
		plan, err := workplace.HookFile{}.Install(hook)
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range []string{"", "1"} {
			cmd := exec.Command(sh, "-c", string(plan.Write))
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "ASSAY_BIN=/nowhere/assay", "ASSAY_HOOK_OPTIONAL=" + set}
			out, err := cmd.CombinedOutput()
			if passes := err == nil; passes != (optional && set == "1") || strings.Contains(string(out), "OPTIONAL") != optional {
				t.Errorf("%s with %q: %v\n%s", hook, set, err, out)
			}
		}
	}
}

func TestHookState(t *testing.T) {
	plan, err := workplace.HookFile{}.Install("pre-commit")
	if err != nil {
		t.Fatal(err)
	}
	ours := script(string(plan.Write))
	off := ours
	off.Executable = false
	for _, test := range []struct {
		name string
		file workplace.HookFile
		want workplace.HookState
	}{
		{"none", workplace.HookFile{}, workplace.HookAbsent},
		{"another", script("#!/bin/sh\n"), workplace.HookAbsent},
		{"ours", ours, workplace.HookCurrent},
		{"off", off, workplace.HookOff},
		{"changed", script(strings.Replace(string(plan.Write), "assay:", "Assay:", 1)), workplace.HookOld},
		{"damaged", script(strings.Replace(string(plan.Write), "<<<", "<<", 1)), workplace.HookAbsent},
	} {
		if got := test.file.State("pre-commit"); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	if _, err := (workplace.HookFile{}).Install("post-commit"); err == nil {
		t.Error("a hook that is not known was installed")
	}
}

// FuzzHook holds that what is installed can be taken out again, byte for byte, whatever was there.
func FuzzHook(f *testing.F) {
	for _, test := range hooksThere {
		f.Add(test.file.Text, true)
	}
	plan, _ := workplace.HookFile{}.Install("pre-push")
	f.Add(plan.Write, true)
	f.Add(plan.Write[:len(plan.Write)/2], true)
	f.Add(bytes.Repeat(plan.Write, 2), false)
	f.Fuzz(func(t *testing.T, text []byte, executable bool) {
		there := workplace.HookFile{Exists: true, Regular: true, Executable: executable, Text: text}
		there.State("pre-push")
		plan, err := there.Install("pre-push")
		if err != nil || plan.SetAside {
			return
		}
		_, had, err := there.Uninstall()
		if err != nil {
			t.Fatalf("installed where uninstall says %v", err)
		}
		out, ok, err := script(string(plan.Write)).Uninstall()
		if err != nil || !ok {
			t.Fatalf("uninstall: %v, %v", ok, err)
		}
		if !had && !bytes.Equal(out.Write, text) {
			t.Errorf("%q became %q", text, out.Write)
		}
	})
}
