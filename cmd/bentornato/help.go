package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// writeProgramHelp lists the commands, or with a group those that begin with its word.
func writeProgramHelp(w io.Writer, table []command, group string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Usage: %s COMMAND [flags]\n\n", strings.TrimSpace("bentornato "+group))
	if group == "" {
		b.WriteString("Bentornato tells people on Messenger when what they asked about is back in stock.\n\n")
	}
	b.WriteString("Commands:\n")
	columns := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range table {
		if group == "" || strings.HasPrefix(c.name+" ", group+" ") {
			fmt.Fprintf(columns, "  %s\t%s\n", strings.TrimSpace(c.name+" "+c.args), c.about)
		}
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	b.WriteString("\n\"bentornato COMMAND --help\" shows a command's flags, with their defaults and environment variables.\n")
	b.WriteString("Exit codes: 0 done, 1 failed (one line on stderr says why), 2 wrong usage.\n")
	_, err := b.WriteTo(w)
	return err
}

// writeHelp shows a command, each flag with its default and, for a setting, its environment variable.
func (c command) writeHelp(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Usage: bentornato %s [flags]\n\n%s.\n", strings.TrimSpace(c.name+" "+c.args), strings.ToUpper(c.about[:1])+c.about[1:])
	if c.help != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(c.help))
	}
	own := flag.NewFlagSet(c.name, flag.ContinueOnError)
	if c.flags != nil {
		c.flags(own)
	}
	if c.migrates {
		own.Bool("no-migrate", false, "do not bring the database's schema up to date; refuse one that is not")
	}
	columns := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	heading := "\nFlags:\n"
	own.VisitAll(func(f *flag.Flag) {
		value, about := flag.UnquoteUsage(f)
		if !strings.HasSuffix(about, "required") {
			about += " (" + defaultText(f.DefValue) + ")"
		}
		fmt.Fprintf(columns, "%s  %s\t%s\n", heading, strings.TrimSpace("--"+f.Name+" "+value), about)
		heading = ""
	})
	heading = "\nSettings, as a flag or else from the environment:\n"
	for _, s := range c.takes() {
		fmt.Fprintf(columns, "%s  --%s %s\t%s (%s; %s)\n", heading, s.flag, s.value, s.about, s.variable, defaultText(s.preset))
		heading = ""
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

func defaultText(preset string) string {
	switch preset {
	case "":
		return "no default"
	case "false":
		return "default off"
	default:
		return "default " + preset
	}
}
