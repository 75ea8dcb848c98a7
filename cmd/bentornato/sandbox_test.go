package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/messenger"
)

// The sandbox alone is enough for a client to sign in, find its Page, and send.
func TestSandboxAlone(t *testing.T) {
	printed, stdout := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"sandbox", "--addr", "127.0.0.1:0", "--app-secret", "sesame", "--page-token", "EAAsandbox", "--subscribe"}, noEnv, strings.NewReader(""), stdout, newJournal(t))
		_ = stdout.Close() // never fails
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitDone {
			t.Errorf("sandbox ended with exit code %d", code)
		}
	})
	var all strings.Builder
	for lines := bufio.NewScanner(printed); lines.Scan() && !strings.HasPrefix(lines.Text(), "Ctrl-C"); {
		all.WriteString(lines.Text() + "\n")
	}
	go func() { _, _ = io.Copy(io.Discard, printed) }()
	graph := regexp.MustCompile(`Graph API\s+(\S+)`).FindStringSubmatch(all.String())
	if graph == nil {
		t.Fatalf("it does not say where it is:\n%s", all.String())
	}
	client := messenger.New(messenger.Config{GraphURL: graph[1], AppID: demoAppID, AppSecret: "sesame", Now: time.Now})
	defer client.Close()
	for _, secret := range []string{"EAAsandbox", "secret sesame"} {
		if !strings.Contains(all.String(), secret) {
			t.Errorf("%q is not printed", secret)
		}
	}
	// The dialog's form is what a browser sends when somebody presses Continue.
	back := "https://shop.test/back"
	dialog := client.LoginURL(messenger.LoginRequest{RedirectURI: back, State: "s", Scopes: messenger.Permissions()})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, dialog, strings.NewReader("do=continue&page="+examplePageID+"&page=102000000000000"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatal(err)
	}
	token, err := client.ExchangeCode(t.Context(), back, to.Query().Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	if token, err = client.LongLived(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	pages, err := client.ManagedPages(t.Context(), token)
	if err != nil || len(pages) != 2 || len(pages[0].MissingTasks()) != 0 || len(pages[1].MissingTasks()) != 2 {
		t.Fatalf("%+v, %v", pages, err)
	}
	answer := client.Send(t.Context(), pages[0].ID, pages[0].AccessToken, models.Outgoing{Kind: models.SendReply,
		Recipient: models.Recipient{PSID: "2601000000000001"}, Content: models.Content{Text: "Ciao"}})
	if answer.Outcome != models.OutcomeSent {
		t.Errorf("%+v", answer)
	}
}
