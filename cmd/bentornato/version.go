package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

// version says which build this is.
func version() command {
	return command{
		name: "version", about: "prints the version of this program",
		run: func(_ context.Context, v *invocation) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				info = &debug.BuildInfo{}
			}
			_, err := fmt.Fprintln(v.stdout, versionText(info))
			return err
		},
	}
}

// versionText is the module's version, or the commit where it was built from a checkout, and the Go it was built with.
func versionText(info *debug.BuildInfo) string {
	vcs := map[string]string{}
	for _, s := range info.Settings {
		vcs[s.Key] = s.Value
	}
	text := "bentornato " + orUnknown(info.Main.Version)
	if revision := vcs["vcs.revision"]; revision != "" {
		text += fmt.Sprintf(" (commit %.12s of %s", revision, orUnknown(vcs["vcs.time"]))
		if vcs["vcs.modified"] == "true" {
			text += ", changed"
		}
		text += ")"
	}
	return text + " " + orUnknown(info.GoVersion)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// buildVersion is the version in one word, for logs and metrics.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return orUnknown(info.Main.Version)
}
