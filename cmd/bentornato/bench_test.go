package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx", to look for schemas that are left

	"bentornato/models"
	"bentornato/models/store/storetest"
)

// benchProgram is the program as a process of its own, as TestMain put it into PATH.
func benchProgram(t *testing.T, ctx context.Context, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	cmd = exec.CommandContext(ctx, "bentornato", append([]string{"bench"}, args...)...)
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// eachBenchDatabase runs a test with a place for databases on each kind of them, and looks whether anything is left there
// that was not there before.
func eachBenchDatabase(t *testing.T, test func(t *testing.T, database string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		test(t, "sqlite:"+dir)
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%v are left, error %v", left, err)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		address := storetest.PostgresURL(t)
		db, err := sql.Open("pgx", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		schemas := func() (n int) {
			t.Helper()
			if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM pg_namespace WHERE nspname LIKE 'bentornato_bench_%'").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := schemas()
		test(t, address)
		if after := schemas(); after != before {
			t.Errorf("%d schemas are there, %d before", after, before)
		}
	})
}

// TestBench measures next to nothing, and holds the document against itself: every event that was answered is stored, every
// token sent was taken by the platform once, and what cannot be is not claimed. How fast anything is, no test says.
func TestBench(t *testing.T) {
	const tokens, pages = 100, 2
	eachBenchDatabase(t, func(t *testing.T, database string) {
		cmd, stdout, stderr := benchProgram(t, t.Context(), "--json", "--tokens", "100", "--pages", "2", "--latency", "2ms", "--database", database)
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %s", err, stderr)
		}
		var r benchReport
		d := json.NewDecoder(bytes.NewReader(stdout.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil {
			t.Fatalf("%v: %s", err, stdout)
		}
		if d.More() {
			t.Errorf("more than one document: %s", stdout)
		}
		if want, _, _ := strings.Cut(database, ":"); r.Database != want || r.Tokens != tokens || r.Pages != pages || r.LatencyMS != 2 || r.Processors < 1 || r.System == "" {
			t.Errorf("the head is %+v", r)
		}
		if i := r.Ingest; i == nil || i.Events != 3*tokens || i.Stored != i.Events || i.Durable.PerSecond <= 0 || i.Raw.PerSecond <= 0 || i.Ratio <= 0 ||
			i.Durable.P50 <= 0 || i.Durable.P99 < i.Durable.P50 || i.Raw.P99 < i.Raw.P50 {
			t.Errorf("ingest is %+v", i)
		}
		s := r.Restock
		if s == nil {
			t.Fatal("there is no restock")
		}
		if s.Sent != s.Accepted || s.Repeated != 0 {
			t.Errorf("%d are sent, %d taken, %d of them twice", s.Sent, s.Accepted, s.Repeated)
		}
		if len(s.Rounds) != 3 || s.Speed.Ceiling != pages*300 || s.Speed.PerSecond <= 0 || s.Speed.BarePerSecond <= 0 || s.Speed.Ratio <= 0 {
			t.Errorf("the speed is %+v, of %+v", s.Speed, s.Rounds)
		}
		known := tokens // of the memory's part
		for _, round := range s.Rounds {
			if known += round.Sent; round.Sent != tokens/3 || round.Connections < 1 {
				t.Errorf("a turn is %+v", round)
			}
		}
		for i, rate := range []int{300, 40} {
			if len(s.Rates) != 2 {
				t.Fatalf("the rates are %+v", s.Rates)
			}
			got := s.Rates[i]
			if known += got.Sent; got.Rate != rate || got.Sent != tokens || got.MaxInSecond < 1 || got.MaxInSecond > rate || got.Percent <= 0 {
				t.Errorf("the rate is %+v", got)
			}
		}
		// Beside all these only the first notifications were sent.
		if few := s.Sent - known; few < 2 || few > 2*tokens {
			t.Errorf("%d were sent, of which %d for the first notifications", s.Sent, few)
		}
		if a := s.Answer; a.Few.Waiting != tokens || a.Many.Waiting != tokens || a.Few.Answer <= 0 || a.Many.Answer <= 0 || a.Few.First <= 0 || a.AnswerRatio <= 0 || a.FirstRatio <= 0 {
			t.Errorf("the answers are %+v", a)
		}
		if _, err := os.Stat("/proc/self/status"); err == nil && (s.Memory == nil || s.Memory.Few <= 0 || s.Memory.Many <= 0) {
			t.Errorf("the memory is %+v", s.Memory)
		}
		a := r.Admin
		if a == nil || len(a.Scales) != 1 || a.Scales[0] != (benchScale{Tokens: tokens, Products: tokens / 10, Contacts: tokens / 2}) {
			t.Fatalf("the admin is %+v", a)
		}
		if len(a.Pages) != len(benchPages()) {
			t.Errorf("%d pages of %d", len(a.Pages), len(benchPages()))
		}
		for _, p := range a.Pages {
			if p.Path == "" || len(p.Times) != 1 || p.Times[0].P50 <= 0 || p.Times[0].P99 < p.Times[0].P50 || p.Ratio != 1 {
				t.Errorf("a page is %+v", p)
			}
		}
		for _, words := range []string{"ingest, 64 connections", "most in any second", "products, a SKU"} {
			if !strings.Contains(stderr.String(), words) {
				t.Errorf("the table does not hold %q: %s", words, stderr)
			}
		}
	})
}

// TestBenchStopped presses Ctrl-C in the middle: nothing is left, and the exit code says that nothing was measured.
func TestBenchStopped(t *testing.T) {
	eachBenchDatabase(t, func(t *testing.T, database string) {
		cmd, stdout, _ := benchProgram(t, t.Context(), "restock", "--tokens", "100000", "--pages", "2", "--database", database)
		cmd.Stderr = nil
		said, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		text, stopped := "", false
		for buffer := make([]byte, 4096); ; {
			n, err := said.Read(buffer)
			if text += string(buffer[:n]); !stopped && strings.Contains(text, "making up") {
				stopped = true
				if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
					t.Fatal(err)
				}
			}
			if err != nil {
				break
			}
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(text, "was stopped") || stdout.Len() > 0 {
			t.Errorf("it ended with %v, and said %q and %q", err, text, stdout)
		}
	})
}

// What is made up is the same each time, and every page of it is visited.
func TestBenchShop(t *testing.T) {
	b := &benchShop{page: "101", tokens: 10, variants: []models.Variant{benchVariant("101", 0)}, contacts: make([]models.Contact, 1), restocks: make([]models.Restock, 1)}
	paths := b.paths()
	for _, name := range benchPages() {
		if !strings.HasPrefix(paths[name], "/") {
			t.Errorf("%s stands nowhere", name)
		}
	}
	if len(paths) != len(benchPages()) {
		t.Errorf("%d pages have an address and %d are visited", len(paths), len(benchPages()))
	}
}

func TestMostInWindow(t *testing.T) {
	for _, tt := range []struct {
		at   []int64
		want int
	}{
		{nil, 0}, {[]int64{5}, 1}, {[]int64{0, 9, 10, 11}, 3}, {[]int64{0, 10, 20}, 1}, {[]int64{0, 0, 0, 30, 31}, 3},
	} {
		if got := mostInWindow(tt.at, 10); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.at, got, tt.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	list := []float64{4, 1, 3, 2, 5}
	if got := median(list); got != 3 {
		t.Errorf("the median is %v", got)
	}
	slices.Sort(list)
	if got := quantile(list, 0.99); got != 5 {
		t.Errorf("the 99th is %v", got)
	}
	if got := quantile([]float64(nil), 0.5); got != 0 {
		t.Errorf("of nothing it is %v", got)
	}
	if got := ratio(1, 0); got != 0 {
		t.Errorf("over nothing it is %v", got)
	}
}
