package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bentornato/models"
)

// benchChild is this program as a process of its own, for one of its other commands.
type benchChild struct {
	cmd     *exec.Cmd
	address string // where it listens
	ended   chan struct{}
}

// benchStart is how long a process may take to listen, benchStop how long to end.
const (
	benchStart = 30 * time.Second
	benchStop  = 30 * time.Second
)

// spawn starts a command and waits until it says where it listens: as a line of its own on stdout, or in a log line of
// serve's. It ends when stop is called, and not with ctx, so that it is told to and finishes what is under way. Its stdin stays open until it is stopped, and closes with this process, however that ends.
func spawn(ctx context.Context, environment []string, args ...string) (*benchChild, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, models.Errorf(models.KindUnavailable, "This program does not find itself to start again: %w", err)
	}
	c := &benchChild{cmd: exec.CommandContext(context.WithoutCancel(ctx), program, args...), ended: make(chan struct{})}
	c.cmd.Args[0] = os.Args[0]
	c.cmd.Env = environment
	if _, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.cmd.Stderr = c.cmd.Stdout
	if err := c.cmd.Start(); err != nil {
		return nil, models.Errorf(models.KindUnavailable, "This program could not be started again: %w", err)
	}
	addresses, last := make(chan string, 1), ""
	go func() {
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			var said struct{ Msg, Address string }
			if json.Unmarshal(lines.Bytes(), &said) == nil && said.Address != "" && (said.Msg == "" || said.Msg == "serving") {
				addresses <- said.Address
				break
			}
			last = lines.Text()
		}
		close(addresses)
		_, _ = io.Copy(io.Discard, output)
		_ = c.cmd.Wait() // it was told to end
		close(c.ended)
	}()
	select {
	case address, ok := <-addresses:
		if ok {
			c.address = address
			return c, nil
		}
		return nil, models.Errorf(models.KindUnavailable, "\"bentornato %s\" ended: %s", args[0], last)
	case <-time.After(benchStart):
		return nil, errors.Join(models.Errorf(models.KindUnavailable, "\"bentornato %s\" does not listen.", args[0]), c.stop())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), c.stop())
	}
}

// stop tells the process to end and waits until it has.
func (c *benchChild) stop() error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already: Ctrl-C reaches it too
	select {
	case <-c.ended:
		return nil
	case <-time.After(benchStop):
		err := c.cmd.Process.Kill()
		<-c.ended
		return errors.Join(models.Errorf(models.KindInternal, "\"bentornato %s\" had to be killed.", c.cmd.Args[1]), err)
	}
}

// peakMemory is the most resident memory that the process ever had, in MiB; false where the system does not tell.
func (c *benchChild) peakMemory() (float64, bool) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(c.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "kB")), 64)
			return kib / 1024, err == nil
		}
	}
	return 0, false
}

// spawnServer starts the product for real, on a throw-away database and against a stand-in for Messenger.
func (b *benchRun) spawnServer(ctx context.Context, database, platform string) (*benchChild, error) {
	return spawn(ctx, []string{
		"BENTORNATO_DATABASE_URL=" + database, "BENTORNATO_SECRET_KEY=" + base64.StdEncoding.EncodeToString(benchSecret()),
		"BENTORNATO_GRAPH_URL=http://" + platform + "/v25.0", "BENTORNATO_APP_ID=1", "BENTORNATO_APP_SECRET=" + benchAppSecret,
		"BENTORNATO_VERIFY_TOKEN=bench", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "GOMAXPROCS=" + os.Getenv("GOMAXPROCS"),
	}, "serve", "--addr", "127.0.0.1:0", "--no-migrate")
}

// spawnPlatform starts the stand-in for Messenger.
func (b *benchRun) spawnPlatform(ctx context.Context) (*benchChild, error) {
	return spawn(ctx, os.Environ(), "bench", benchPartPlatform, "--latency", b.latency.String())
}
