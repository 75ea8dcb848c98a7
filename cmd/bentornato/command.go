package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
)

// command is one thing the program does.
type command struct {
	name  string // the words that call it, such as "user add"
	args  string // what stands after them, as the help shows it
	about string // one line, for the list of commands
	help  string // what else there is to know; empty for nothing
	// maxArgs is how many arguments that are no flags it takes.
	maxArgs int
	// settings names the settings of Config it takes, by flag; none means that it reads no configuration at all.
	settings []string
	// migrates says that it brings the database up to date first, unless told --no-migrate.
	migrates bool
	// acts says that it changes things for whoever calls it, which is written down as the command's doing.
	acts bool
	// diagnoses says that it runs with a wrong configuration too, and reports it.
	diagnoses bool
	// flags adds the command's own flags; nil for none.
	flags func(*flag.FlagSet)
	run   func(context.Context, *invocation) error
}

// invocation is one call of a command: what it was given.
type invocation struct {
	args     []string        // those that are no flags
	given    map[string]bool // the flags that stand on the command line, by name
	config   Config
	problems *configError // what is wrong with config, for a command that diagnoses; else nil
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	log      *slog.Logger

	noMigrate bool
}

// usageError is a command called wrongly. Nothing was done.
type usageError struct {
	text string
	see  string // the command whose help tells more
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%s (see \"%s --help\")", strings.TrimSuffix(e.text, "."), strings.TrimSpace("bentornato "+e.see))
}

// wrongUsage makes a usageError; execute adds the command.
func wrongUsage(format string, args ...any) error {
	return &usageError{text: fmt.Sprintf(format, args...)}
}

// execute finds the command that args name and runs it.
func execute(ctx context.Context, table []command, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	if len(args) > 0 && args[0] == "--version" {
		args = append([]string{"version"}, args[1:]...)
	}
	if len(args) == 0 {
		return &usageError{text: "say what to do"}
	}
	if isHelp(args[0]) {
		return writeProgramHelp(stdout, table, "")
	}
	cmd, rest, ok := find(table, args)
	if !ok {
		group := slices.ContainsFunc(table, func(c command) bool { return strings.HasPrefix(c.name, args[0]+" ") })
		switch {
		case group && len(args) > 1 && isHelp(args[1]):
			return writeProgramHelp(stdout, table, args[0])
		case group && len(args) > 1 && !strings.HasPrefix(args[1], "-"):
			return &usageError{text: fmt.Sprintf("there is no command %q", args[0]+" "+args[1]), see: args[0]}
		case group:
			return &usageError{text: fmt.Sprintf("say what to do with %q", args[0]), see: args[0]}
		default:
			return &usageError{text: fmt.Sprintf("there is no command %q", args[0])}
		}
	}
	err := cmd.execute(ctx, rest, getenv, stdin, stdout, stderr)
	var usage *usageError
	if errors.As(err, &usage) {
		usage.see = cmd.name
	}
	return err
}

func isHelp(arg string) bool { return arg == "--help" || arg == "-help" || arg == "-h" }

// find returns the command whose words args begin with, and the rest of args.
func find(table []command, args []string) (command, []string, bool) {
	for _, words := range []int{2, 1} {
		if len(args) < words {
			continue
		}
		name := strings.Join(args[:words], " ")
		if i := slices.IndexFunc(table, func(c command) bool { return c.name == name }); i >= 0 {
			return table[i], args[words:], true
		}
	}
	return command{}, nil, false
}

func (c command) execute(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	v := &invocation{given: map[string]bool{}, stdin: stdin, stdout: stdout, stderr: stderr, log: slog.New(slog.DiscardHandler)}
	overrides := map[string]string{}
	flags := c.flagSet(v, overrides)
	err := v.parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		return c.writeHelp(stdout)
	}
	if err != nil {
		return err
	}
	if len(v.args) > c.maxArgs {
		return wrongUsage("%q is one argument too many", v.args[c.maxArgs])
	}
	if len(c.settings) == 0 {
		return c.run(ctx, v)
	}
	if v.config, v.problems = parseConfig(getenv, overrides); v.problems != nil && !c.diagnoses {
		return v.problems.asError()
	}
	v.log = newLogger(stderr, v.config.Log)
	if c.acts {
		ctx = models.WithActor(ctx, models.Actor{Kind: models.ActorCommand, Name: c.name})
	}
	return c.run(ctx, v)
}

// flagSet holds the command's own flags and those of its settings. A setting's flag takes its environment variable's
// place, so that both are read and checked by the same code.
func (c command) flagSet(v *invocation, overrides map[string]string) *flag.FlagSet {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	if c.flags != nil {
		c.flags(flags)
	}
	if c.migrates {
		flags.BoolVar(&v.noMigrate, "no-migrate", false, "do not bring the database's schema up to date; refuse one that is not")
	}
	for _, s := range c.takes() {
		flags.Func(s.flag, s.about, func(value string) error {
			overrides[s.variable] = value
			return nil
		})
	}
	return flags
}

func (c command) takes() []setting {
	return slices.DeleteFunc(settings(), func(s setting) bool { return !slices.Contains(c.settings, s.flag) })
}

// parse reads flags and arguments, which may stand in any order; after "--" everything is an argument.
func (v *invocation) parse(flags *flag.FlagSet, args []string) error {
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return err
			}
			return wrongUsage("%s", doubleDashes.Replace(err.Error()))
		}
		left := flags.Args()
		ended := len(left) < len(args) && args[len(args)-len(left)-1] == "--"
		if len(left) == 0 || ended {
			v.args = append(v.args, left...)
			break
		}
		v.args, args = append(v.args, left[0]), left[1:]
	}
	flags.Visit(func(f *flag.Flag) { v.given[f.Name] = true })
	return nil
}

// doubleDashes rewrites package flag's errors to the way flags are written here.
var doubleDashes = strings.NewReplacer("flag provided but not defined: -", "there is no flag --", "flag needs an argument: -",
	"a value is missing after --", "for flag -", "for --", "boolean flag -", "--")

// require refuses a call that lacks a flag it cannot do without.
func (v *invocation) require(names ...string) error {
	for _, name := range names {
		if !v.given[name] {
			return wrongUsage("--%s is missing", name)
		}
	}
	return nil
}

// withStore opens the database, brings its schema up to date or checks that it is, and closes it after fn.
func (v *invocation) withStore(ctx context.Context, fn func(*store.Store) error) error {
	s, err := v.config.openStore(ctx)
	if err != nil {
		return err
	}
	err = v.prepare(ctx, s)
	if err == nil {
		err = fn(s)
	}
	return closing(s, err)
}

func (v *invocation) prepare(ctx context.Context, s *store.Store) error {
	if v.noMigrate {
		return s.CheckSchema(ctx)
	}
	applied, err := s.Migrate(ctx)
	for _, m := range applied {
		v.log.Debug("applied a migration", "migration", m.Name)
	}
	return err
}
