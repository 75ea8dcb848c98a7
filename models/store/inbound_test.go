package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// ingesting starts an ingester; the returned function stops it and waits until it has ended.
func ingesting(t testing.TB, s *store.Store, wake func()) (*store.Ingester, func()) {
	i := store.NewIngester(s, wake)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- i.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return i, stop
}

func said(key, text string) models.Event {
	return models.Event{Kind: models.EventMessage, PageID: pageID, PSID: "240000000000001", Key: key, Text: text, At: storetest.Epoch}
}

// TestIngest puts requests on disk together, each of which is answered; what comes twice is there once.
func TestIngest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		wakes := make(chan struct{}, 1000)
		i, stop := ingesting(t, s, func() { wakes <- struct{}{} })
		var all sync.WaitGroup
		for n := range 60 {
			all.Go(func() {
				err := i.Ingest(w.ctx, []models.Event{said(fmt.Sprintf("a/%d", n), "Ciao"), said("the same", "Ciao"), said(fmt.Sprintf("b/%d", n%7), "Ciao")})
				if err != nil {
					t.Error(err)
				}
				var there int
				if err := s.Query(w.ctx, &there, "SELECT COUNT(*) FROM inbound_events WHERE key = ?", fmt.Sprintf("a/%d", n)); err != nil || there != 1 {
					t.Errorf("event %d is there %d times once it is answered, error %v", n, there, err)
				}
			})
		}
		all.Wait()
		stop()
		var rows int
		w.must(s.Query(w.ctx, &rows, "SELECT COUNT(*) FROM inbound_events"))
		if rows != 60+1+7 {
			t.Errorf("%d events are on disk, want 68", rows)
		}
		if len(wakes) == 0 {
			t.Error("nobody was woken")
		}
		if err := i.Ingest(w.ctx, nil); err != nil {
			t.Errorf("nothing to store: %v", err)
		}
	})
}

// TestIngestBadNeighbour refuses one request's events and stores the others' all the same.
func TestIngestBadNeighbour(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.must(s.Exec(w.ctx, "CREATE UNIQUE INDEX one_reason ON inbound_events (event_at) WHERE event_at = 1")) // refused by the database
		bad := said("bad", "Ciao")
		bad.At = time.UnixMilli(1)
		w.update(func(tx *store.Tx) error { return tx.SaveInbound([]models.Event{bad}) })
		bad.Key = "worse"
		i := store.NewIngester(s, func() {})
		errs := make([]error, 5)
		var all sync.WaitGroup
		for n := range errs {
			all.Go(func() {
				event := said(fmt.Sprintf("good/%d", n), "Ciao")
				if n == 2 {
					event = bad
				}
				errs[n] = i.Ingest(w.ctx, []models.Event{event})
			})
		}
		for i.Queued() < len(errs) { // so that they share a transaction
			runtime.Gosched()
		}
		stopped, cancel := context.WithCancel(w.ctx)
		cancel()
		w.must(i.Run(stopped)) // stops at once, and answers what is queued all the same
		all.Wait()
		for n, err := range errs {
			if (err != nil) != (n == 2) {
				t.Errorf("request %d: %v", n, err)
			}
		}
		var rows int
		w.must(s.Query(w.ctx, &rows, "SELECT COUNT(*) FROM inbound_events WHERE key LIKE 'good/%'"))
		if rows != 4 {
			t.Errorf("%d good events are on disk, want 4", rows)
		}
	})
}

// TestIngestNUL stores what PostgreSQL's text cannot hold, wherever a sender hides it.
func TestIngestNUL(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.update(func(tx *store.Tx) error { return tx.SaveInbound([]models.Event{said("nul", "Ciao\x00 tazza")}) })
		w.update(func(tx *store.Tx) error {
			list, err := tx.TakePending(10)
			if err == nil && (len(list) != 1 || list[0].Text != "Ciao\x00 tazza") {
				t.Errorf("took %+v", list)
			}
			return err
		})
		err := s.Update(w.ctx, func(tx *store.Tx) error {
			e := said("nul\x00", "")
			return tx.SaveInbound([]models.Event{e})
		})
		if s.Postgres() && err == nil {
			t.Error("PostgreSQL took a key that holds NUL; this test may be simplified")
		}
	})
}

// TestIngestFull refuses when too much waits, and tells a caller who gives up.
func TestIngestFull(t *testing.T) {
	clock := storetest.NewClock()
	i := store.NewIngester(storetest.Open(t, storetest.SQLiteURL(t), clock.Now), func() {})
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for n := range store.QueueLimit {
		err := i.Ingest(over, []models.Event{said(fmt.Sprint(n), "")})
		if models.KindOf(err) != models.KindUnavailable || !errors.Is(err, context.Canceled) {
			t.Fatalf("a caller who gives up hears %v", err)
		}
	}
	err := i.Ingest(context.Background(), []models.Event{said("one too many", "")})
	if models.KindOf(err) != models.KindUnavailable || i.Queued() != store.QueueLimit {
		t.Errorf("a full queue of %d says %v", i.Queued(), err)
	}
}

// TestPending takes events in the order of their own times, leaves out what needs no applying, and sets aside what fails
// again and again.
func TestPending(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		late, early, read := said("late", "2"), said("early", "1"), said("read", "")
		early.At, read.Kind = early.At.Add(-time.Minute), models.EventRead
		w.update(func(tx *store.Tx) error { return tx.SaveInbound([]models.Event{late, early, read}) })
		take := func() []store.PendingEvent {
			t.Helper()
			var list []store.PendingEvent
			w.update(func(tx *store.Tx) error {
				var err error
				list, err = tx.TakePending(10)
				return err
			})
			return list
		}
		list := take()
		if len(list) != 2 || list[0].Key != "early" || list[1].Key != "late" {
			t.Fatalf("took %+v", list)
		}
		w.update(func(tx *store.Tx) error { return tx.AppliedAll([]int64{list[0].ID}) })
		for try := 1; ; try++ {
			list = take()
			if len(list) == 0 {
				if try != 9 {
					t.Errorf("set aside after %d tries, want 8", try-1)
				}
				break
			}
			w.update(func(tx *store.Tx) error { return tx.ApplyFailed(list[0], errors.New("no")) })
			if len(take()) != 0 {
				t.Fatal("it is tried again at once")
			}
			clock.Advance(10 * time.Minute)
		}
		if n, err := s.FailedEvents(w.ctx, storetest.Epoch); err != nil || n != 1 {
			t.Errorf("%d failed events, error %v", n, err)
		}
		// One whose body was changed on disk cannot be read, and holds up nobody.
		w.update(func(tx *store.Tx) error {
			return tx.SaveInbound([]models.Event{said("changed", ""), said("whole", "")})
		})
		w.must(s.Exec(w.ctx, "UPDATE inbound_events SET sealed = (SELECT sealed FROM inbound_events WHERE key = 'whole') WHERE key = 'changed'"))
		if list = take(); len(list) != 1 || list[0].Key != "whole" {
			t.Errorf("took %+v, want the whole one", list)
		}
		if n, err := s.FailedEvents(w.ctx, storetest.Epoch); err != nil || n != 2 {
			t.Errorf("%d failed events, error %v", n, err)
		}
	})
}

// TestForgetInbound forgets applied events once no sender repeats them, and never one that was not applied.
func TestForgetInbound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		read := said("read", "")
		read.Kind = models.EventRead
		w.update(func(tx *store.Tx) error { return tx.SaveInbound([]models.Event{said("pending", ""), read}) })
		forget := func() {
			w.update(func(tx *store.Tx) error {
				_, err := tx.Forget(models.KeptEvents, clock.Now().AddDate(0, 0, -models.KeptEvents.Rule().Default), 10)
				return err
			})
		}
		clock.Advance(13 * 24 * time.Hour)
		forget()
		count := func() (n int) {
			w.must(s.Query(w.ctx, &n, "SELECT COUNT(*) FROM inbound_events"))
			return n
		}
		if n := count(); n != 2 {
			t.Errorf("%d events after 13 days, want 2", n)
		}
		clock.Advance(2 * 24 * time.Hour)
		forget()
		if n := count(); n != 1 {
			t.Errorf("%d events after 15 days, want the pending one", n)
		}
	})
}
