// Command bentornato tells people on Messenger when what they asked about is back in stock. It is one program: the
// product itself (serve), a trial of it that needs no account (demo), and the commands that set it up and look after
// it. "bentornato --help" lists them.
//
// Package main only wires: each command stands in a file of its own and is a value in the table of commands. What a
// command needs from outside (arguments, environment, streams) is handed to run, so that a test can call any of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // Pages have time zones, and a container may have none installed

	"bentornato/models"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes, which scripts may count on.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// run is the whole program: it does what args ask for and returns the exit code. A failure is one line on stderr.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := execute(ctx, commands(), args, getenv, stdin, stdout, stderr)
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(stderr, "bentornato:", sentence(err))
	var usage *usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// sentence is an error on one line. Whoever reads it here runs the installation, so of failures that are not theirs
// to mend by other input the cause is shown too; no cause holds a secret.
func sentence(err error) string {
	text := err.Error()
	var e *models.Error
	if errors.As(err, &e) {
		text = e.Message
		if e.Err != nil && (e.Kind == models.KindInternal || e.Kind == models.KindUnavailable) {
			text = strings.TrimSuffix(text, ".") + ": " + e.Err.Error()
		}
	}
	return strings.Join(strings.Fields(text), " ")
}
